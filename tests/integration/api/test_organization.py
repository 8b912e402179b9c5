"""The organization itself: what its people change of it, what only its operators do, and the mail its demo keeps."""

from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import OrgId, UserId
from backend.runs.service import RunInputs, request_run
from tenancy import organizations
from tenancy.audit import AuditAction
from tenancy.context import Channel, TenantContext
from tenancy.members import add_member
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tenancy.status import OrganizationSuspendedError
from tests.fixtures.guest import Guest
from tests.fixtures.people import Office
from tests.integration.api.test_directory import audited

ORGANIZATION, ME, OUTBOX = "/api/v1/organization", "/api/v1/me", "/api/v1/outbox"


async def test_admin_renames_the_organization_and_members_can_change_nothing_else_of_it(
    client: httpx.AsyncClient, office: Office
) -> None:
    admin, lead = await office.bearer("admin"), await office.bearer("lead")
    shown = (await client.get(ORGANIZATION, headers=lead)).json()
    assert (shown["slug"], shown["status"], shown["tier"], shown["residency"]) == (
        office.slug,
        "active",
        "enterprise",
        None,
    )
    assert shown["canRename"]["allowed"] is False
    renamed = await client.patch(ORGANIZATION, json={"name": " Brindle  Moor "}, headers=admin)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Brindle Moor")
    assert (await client.get(ME, headers=lead)).json()["organization"]["name"] == "Brindle Moor"
    blank = await client.patch(ORGANIZATION, json={"name": " "}, headers=admin)
    assert (blank.status_code, blank.json()["errors"][0]["field"]) == (422, "name")
    assert await audited(office, AuditAction.ORGANIZATION_RENAMED) == [
        {"from": "Brindlemoor", "to": "Brindle Moor"}
    ]
    for change in ("status = 'suspended'", "residency = 'eu'", "slug = 'mine'", "is_demo = true"):
        with pytest.raises(ProgrammingError, match="its name alone"):
            async with tenant(office.database, office.context) as session:
                await session.execute(text(f"UPDATE organization SET {change}"))  # noqa: S608


async def test_suspension_is_audited_once_with_its_reason_and_log_in_prefers_where_one_can_work(
    client: httpx.AsyncClient, guest: Guest, stranger: Office
) -> None:
    office = guest.office
    async with tenant(stranger.database, stranger.context) as session:
        await add_member(session, guest.user_id, Role.VIEWER, None)
    for _ in range(2):
        await organizations.suspend(office.database, office.slug, " unpaid ")
    assert await audited(office, AuditAction.ORGANIZATION_SUSPENDED) == [{"reason": "unpaid"}]
    async with tenant(office.database, office.context) as session:
        member = await load_principal(session, office.people["lead"], Channel.SYSTEM)
        with pytest.raises(OrganizationSuspendedError):
            await request_run(session, member, office.playbook.id, RunInputs())
    await client.post("/auth/login", data=guest.login())
    assert (await client.get(ME)).json()["organization"]["slug"] == stranger.slug
    there = await client.post("/auth/switch", data={"organization": office.slug})
    assert there.status_code == 303
    assert (await client.get(ME)).json()["organization"]["status"] == "suspended"
    assert (await client.get("/api/v1/proposals")).status_code == 403
    back = await client.post("/auth/switch", data={"organization": stranger.slug})
    assert back.status_code == 303
    assert (await client.get("/api/v1/proposals")).status_code == 200
    for _ in range(2):
        await organizations.resume(office.database, office.slug)
    assert await audited(office, AuditAction.ORGANIZATION_RESUMED) == [{}]
    with pytest.raises(InvalidInputError):
        await organizations.suspend(office.database, office.slug, " ")


@pytest.mark.parametrize("slug", ["", "a", "A-b", "a--b", "-ab", "ab-", "a b", "x" * 64])
async def test_slug_that_cannot_be_is_refused(database: Database, slug: str) -> None:
    with pytest.raises(InvalidInputError):
        await organizations.create_organization(database, slug=slug, name="X", is_demo=False)


async def test_outbox_shows_ones_own_mail_and_invitations_to_who_may_invite(
    client: httpx.AsyncClient, office: Office, accounts: Mapping[str, UserId]
) -> None:
    """In a demo: elsewhere nothing is there to be read."""
    demo = await _demo(office, accounts)
    admin, viewer = await demo.bearer("admin"), await demo.bearer("viewer")
    elsewhere = await client.get(OUTBOX, headers=await office.bearer("admin"))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "outbox_absent")
    address = f"{demo.slug}@people.example"
    body = {"email": address, "role": "member"}
    await client.post("/api/v1/invitations", json=body, headers=admin)
    await client.post("/api/v1/invitations", json=body, headers=await office.bearer("admin"))
    for who in ("admin", "viewer"):
        ask = {"email": f"{who}@people.example"}
        await client.post("/api/v1/auth/password-reset", json=ask)
    seen = {
        who: [
            (one["to"], one["subject"].split()[0])
            for one in (await client.get(OUTBOX, headers=headers)).json()["items"]
        ]
        for who, headers in (("admin", admin), ("viewer", viewer))
    }
    assert set(seen["viewer"]) == {("viewer@people.example", "Set")}
    assert set(seen["admin"]) == {("admin@people.example", "Set"), (address, "You")}
    assert seen["admin"].count((address, "You")) == 1
    newest = (await client.get(OUTBOX, headers=admin)).json()["items"]
    assert [one["at"] for one in newest] == sorted((one["at"] for one in newest), reverse=True)
    invited = next(one for one in newest if one["to"] == address)
    assert "http://127.0.0.1:8080/invite?token=" in invited["text"]


async def _demo(office: Office, accounts: Mapping[str, UserId]) -> Office:
    slug = f"demo-{office.slug}"
    database = office.database
    org_id: OrgId = await organizations.create_organization(
        database, slug=slug, name="Demo", is_demo=True
    )
    async with tenant(database, TenantContext(org_id)) as session:
        await add_member(session, accounts["admin"], Role.ORG_ADMIN, None)
        await add_member(session, accounts["viewer"], Role.VIEWER, None)
    return Office(**{**vars(office), "org_id": org_id, "slug": slug})
