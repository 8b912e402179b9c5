"""Invitations: a link to one address, good once, that only a POST accepts; and what it is worth."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import UserId
from backend.core.settings import Settings
from tenancy import apikeys
from tenancy.mail import kept_mail
from tenancy.members import add_member, add_user
from tenancy.models.change import AuditEvent
from tenancy.models.invitations import Invitation
from tenancy.organizations import suspend
from tenancy.permissions import Role
from tenancy.session import tenant
from tenancy.tiers import Tier
from tests.fixtures.guest import Guest, cookie_of
from tests.fixtures.people import PASSWORD, Office, open_office

INVITATIONS, OFFER, ACCEPT = "/api/v1/invitations", "/api/v1/auth/invitation", "/auth/invite"
ME = "/api/v1/me"
JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Desk:
    """An admin who invites, and whoever opens the links."""

    client: httpx.AsyncClient
    office: Office

    async def invite(
        self, email: str, role: str = "member", **more: object
    ) -> tuple[int, dict[str, Any]]:
        body = {"email": email, "role": role, **more}
        admin = await self.office.bearer("admin")
        answer = await self.client.post(INVITATIONS, json=body, headers=admin)
        return answer.status_code, answer.json()

    async def tokens(self, email: str) -> list[str]:
        """Those of the links that were mailed to the address, in order."""
        kept = await kept_mail(self.office.database, self.office.settings.keys)
        texts = [one.mail.text for one in kept if one.mail.recipient == email]
        return [found[1] for text in texts if (found := re.search(r"/invite\?token=(\S+)", text))]

    async def offer(self, token: str, **headers: str) -> httpx.Response:
        return await self.client.get(OFFER, params={"token": token}, headers=headers)

    async def accept(
        self, token: str, headers: Mapping[str, str] | None = None, **form: str
    ) -> httpx.Response:
        self.client.cookies.clear()
        sent = {**JSON, **(headers or {})}
        return await self.client.post(ACCEPT, data={"token": token, **form}, headers=sent)

    async def newcomer(self, token: str) -> httpx.Response:
        return await self.accept(token, name="Nora New", password=PASSWORD)

    async def audited(self) -> list[str]:
        async with tenant(self.office.database, self.office.context) as session:
            query = select(AuditEvent.action).where(AuditEvent.action.like("invitation.%"))
            return list(await session.scalars(query.order_by(AuditEvent.at)))


@pytest.fixture
def desk(client: httpx.AsyncClient, office: Office) -> Desk:
    return Desk(client, office)


def fresh() -> str:
    return f"{secrets.token_hex(6)}@people.example"


async def test_newcomer_makes_an_account_by_the_link_and_belongs_there_with_role_and_teams(
    desk: Desk,
) -> None:
    email, office = fresh(), desk.office
    teams = [str(office.elsewhere), str(office.team)]
    status, sent = await desk.invite(f" {email.upper()} ", "team_lead", teams=teams)
    assert (status, sent["email"], sent["by"], sent["lapsed"]) == (201, email, "admin One", False)
    [token] = await desk.tokens(email)
    shown = (await desk.offer(token)).json()
    assert shown["organization"] == "Brindlemoor"
    assert (shown["email"], shown["role"]) == (email, "Team lead")
    assert (shown["hasAccount"], shown["signedIn"]) == (False, False)
    assert (await desk.offer(token)).status_code == 200  # looking spends nothing
    joined = await desk.newcomer(token)
    assert joined.status_code == 204
    me = (await desk.client.get(ME, headers=cookie_of(joined))).json()
    assert (me["user"]["name"], me["user"]["email"]) == ("Nora New", email)
    assert (me["organization"]["slug"], me["roles"]) == (office.slug, ["team_lead"])
    members = await desk.client.get(
        "/api/v1/members", params={"limit": 200}, headers=await office.bearer("admin")
    )
    nora = next(one for one in members.json()["items"] if one["email"] == email)
    assert nora["teams"] == teams
    assert (await desk.newcomer(token)).json()["code"] == "invitation_link_invalid"
    assert (await desk.offer(token)).json()["code"] == "invitation_link_invalid"
    assert await desk.audited() == ["invitation.sent", "invitation.accepted"]


async def test_owner_of_an_account_accepts_with_its_password_or_signed_in_as_it_and_nobody_else(
    desk: Desk, guest: Guest, stranger: Office
) -> None:
    there = Desk(desk.client, stranger)
    assert (await there.invite(guest.email))[0] == 201
    [token] = await there.tokens(guest.email)
    assert (await there.offer(token)).json()["hasAccount"] is True
    assert (await there.newcomer(token + "x")).status_code == 422
    wrong = await there.accept(token, name="Mallory", password="another password entirely")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "login_failed")
    other = await there.accept(token, await desk.office.cookie("viewer"))
    assert (other.status_code, other.json()["code"]) == (401, "login_failed")
    own = await guest.cookie()
    assert (await there.offer(token, Cookie=own["Cookie"])).json()["signedIn"] is True
    joined = await there.accept(token, own)
    assert joined.status_code == 204
    me = (await desk.client.get(ME, headers=cookie_of(joined))).json()
    assert me["organization"]["slug"] == stranger.slug
    assert {one["slug"] for one in me["organizations"]} == {stranger.slug, desk.office.slug}

    removed = await desk.client.delete(
        f"/api/v1/members/{guest.user_id}", headers=await stranger.bearer("admin")
    )
    assert removed.status_code == 204
    assert (await desk.client.get(ME, headers=cookie_of(joined))).status_code == 401
    await there.invite(guest.email)
    [_, again] = await there.tokens(guest.email)
    assert (await there.accept(again, password=PASSWORD)).status_code == 204


async def test_somebody_who_belongs_nowhere_any_more_can_be_invited_and_proves_the_password(
    desk: Desk,
) -> None:
    email = fresh()
    await add_user(desk.office.database, email=email, name="Ada King", password=PASSWORD)
    await desk.invite(email)
    [token] = await desk.tokens(email)
    assert (await desk.accept(token, password=PASSWORD)).status_code == 204


async def test_of_two_acceptances_at_once_one_wins(desk: Desk) -> None:
    email = fresh()
    await desk.invite(email)
    [token] = await desk.tokens(email)
    both = await asyncio.gather(desk.newcomer(token), desk.newcomer(token))
    assert min(one.status_code for one in both) == 204
    assert {one.json()["code"] for one in both if one.status_code != 204} <= {
        "email_taken",
        "invitation_link_invalid",
        "login_failed",
    }
    assert (await desk.audited()).count("invitation.accepted") == 1


async def test_nobody_invites_into_more_than_they_have_or_what_is_not_there(
    desk: Desk, stranger: Office
) -> None:
    admin = await desk.office.principal("admin")
    wanted = apikeys.Wanted("Onboarding", ("users:create:org", "users:read:org"))
    async with tenant(desk.office.database, admin.tenant) as session:
        key = (await apikeys.create_api_key(session, admin, wanted)).token
    for headers, role in (
        (await desk.office.bearer("admin"), "super_admin"),
        ({"Authorization": f"Bearer {key}"}, "viewer"),
    ):
        body = {"email": fresh(), "role": role}
        answer = await desk.client.post(INVITATIONS, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_rights")
    team, good = str(desk.office.team), fresh()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"email": "nobody"}, "email"),
        ({"email": "ａna@people.example"}, "email"),  # noqa: RUF001 - looks like one and is another
        ({"email": "\N{KELVIN SIGN}ay@people.example"}, "email"),
        ({"email": "a@people.example,b@people.example"}, "email"),
        ({"email": f"{good}\r\nBcc: all@people.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"teams": [team, team]}, "teams"),
        ({"teams": [str(stranger.team)]}, "teams"),
    ]
    for wrong, field in cases:
        status, refused = await desk.invite(**{"email": good, "role": "member", **wrong})
        assert (status, refused["errors"][0]["field"]) == (422, field), wrong
    assert (await desk.invite("viewer@people.example"))[1]["code"] == "already_member"
    assert (await desk.invite(good))[0] == 201
    assert (await desk.invite(good.upper()))[1]["code"] == "invitation_open"
    assert len(await desk.tokens(good)) == 1


async def test_open_invitations_are_listed_sent_again_and_taken_back(
    desk: Desk, stranger: Office
) -> None:
    client, admin = desk.client, await desk.office.bearer("admin")
    emails = sorted(fresh() for _ in range(3))
    ids = {email: (await desk.invite(email))[1]["id"] for email in emails}
    first = (await client.get(INVITATIONS, params={"limit": 2}, headers=admin)).json()
    rest = {"limit": 2, "cursor": first["nextCursor"]}
    second = (await client.get(INVITATIONS, params=rest, headers=admin)).json()
    assert [one["email"] for one in first["items"] + second["items"]] == emails
    assert second["nextCursor"] is None
    lead = (await client.get(INVITATIONS, headers=await desk.office.bearer("lead"))).json()
    assert (first["canInvite"]["allowed"], lead["canInvite"]["allowed"]) == (True, False)

    renewed, revoked, expired = emails
    assert (
        await client.post(f"{INVITATIONS}/{ids[renewed]}/resend", headers=admin)
    ).status_code == 200
    old, new = await desk.tokens(renewed)
    assert (await desk.newcomer(old)).json()["code"] == "invitation_link_invalid"
    assert (await desk.newcomer(new)).status_code == 204

    [dead] = await desk.tokens(revoked)
    path = f"{INVITATIONS}/{ids[revoked]}"
    foreign = await client.delete(path, headers=await stranger.bearer("admin"))
    assert foreign.status_code == 404
    assert (await client.delete(path, headers=admin)).status_code == 204
    assert (await client.delete(path, headers=admin)).status_code == 404
    assert (await desk.newcomer(dead)).json()["code"] == "invitation_link_invalid"

    async with tenant(desk.office.database, desk.office.context) as session:
        late = update(Invitation).where(Invitation.email == expired)
        await session.execute(late.values(expires_at=now() - timedelta(seconds=1)))
    [late_token] = await desk.tokens(expired)
    assert (await desk.newcomer(late_token)).json()["code"] == "invitation_link_invalid"
    left = (await client.get(INVITATIONS, headers=admin)).json()["items"]
    assert [(one["email"], one["lapsed"]) for one in left] == [(expired, True)]
    assert sorted(await desk.audited()) == sorted(
        ["invitation.sent"] * 3
        + ["invitation.renewed", "invitation.accepted", "invitation.revoked"]
    )


async def test_invitation_lapses_with_the_rights_of_who_sent_it_and_while_suspended(
    desk: Desk,
) -> None:
    office, email, boss = desk.office, fresh(), fresh()
    user_id = await add_user(office.database, email=boss, name="Bo Boss", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, Role.ORG_ADMIN, None)
    other = Office(**{**vars(office), "people": {**office.people, "admin": user_id}})
    await Desk(desk.client, other).invite(email, "org_admin")
    [token] = await desk.tokens(email)
    lowered = await desk.client.patch(
        f"/api/v1/members/{user_id}",
        json={"role": "member"},
        headers=await office.bearer("admin"),
    )
    assert lowered.status_code == 204
    assert (await desk.newcomer(token)).json()["code"] == "invitation_link_invalid"
    login = {"email": email, "password": PASSWORD}
    assert (await desk.client.post("/api/v1/auth/token", json=login)).status_code == 401

    also = fresh()
    await desk.invite(also)
    [good] = await desk.tokens(also)
    await suspend(office.database, office.slug, "unpaid")
    assert (await desk.newcomer(good)).json()["code"] == "organization_suspended"


async def test_open_invitations_count_as_people_of_the_tier(
    client: httpx.AsyncClient, database: Database, settings: Settings, accounts: dict[str, UserId]
) -> None:
    four = dict(list(accounts.items())[:4])
    desk = Desk(client, await open_office(database, settings, four, Tier.FREE))
    email = fresh()
    assert (await desk.invite(email))[0] == 201
    full = await desk.invite(fresh())
    assert (full[0], full[1]["code"], full[1]["used"]) == (409, "quota_exceeded", 5)
    admin = await desk.office.bearer("admin")
    usage = (await client.get("/api/v1/usage", headers=admin)).json()
    assert next(one["used"] for one in usage["quotas"] if one["quota"] == "users") == 5
    [token] = await desk.tokens(email)
    assert (await desk.newcomer(token)).status_code == 204


async def test_mailbox_of_somebody_is_not_flooded_by_invitations(desk: Desk) -> None:
    email, admin = fresh(), await desk.office.bearer("admin")
    path = f"{INVITATIONS}/{(await desk.invite(email))[1]['id']}/resend"
    answers = [(await desk.client.post(path, headers=admin)).status_code for _ in range(11)]
    assert answers == [200] * 9 + [429] * 2


async def test_form_of_the_page_goes_on_to_the_matrix_or_back_with_the_reason(
    desk: Desk,
) -> None:
    email, client = fresh(), desk.client
    await desk.invite(email)
    [token] = await desk.tokens(email)
    for path in (ACCEPT, OFFER):
        method = "GET" if path == ACCEPT else "POST"
        assert (await client.request(method, path, params={"token": token})).status_code == 405
    short = await client.post(ACCEPT, data={"token": token, "name": "N", "password": "short"})
    assert short.headers["location"] == f"/invite?token={token}&error=unfit_password"
    foreign = await client.post(
        ACCEPT, data={"token": token}, headers={"Origin": "https://evil.example"}
    )
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    done = await client.post(ACCEPT, data={"token": token, "name": "Nora", "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/proposals")
    used = await client.post(ACCEPT, data={"token": token})
    assert used.headers["location"] == f"/invite?token={token}&error=invitation_link_invalid"
