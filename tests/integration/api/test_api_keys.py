"""API keys as a program uses them. The author is this test's own, so that their rights can be taken away."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import delete, select, update

from backend.api import guards
from backend.core.clock import now
from tenancy.members import add_member
from tenancy.models.access import ApiKeyRow
from tenancy.models.change import AuditEvent
from tenancy.models.organization import Membership, TeamMember
from tenancy.permissions import Role
from tenancy.session import system, tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.guest import Guest
from tests.fixtures.people import Office
from tests.fixtures.stream import listening

KEYS, ME, RUNS = "/api/v1/api-keys", "/api/v1/me", "/api/v1/runs"
SCOPES = ["proposals:read:self", "runs:read:team"]


async def new_key(client: httpx.AsyncClient, guest: Guest, **more: object) -> dict[str, Any]:
    body = {"name": "Nightly report", "scopes": SCOPES, **more}
    answer = await client.post(KEYS, json=body, headers=await guest.bearer())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def of(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_key_is_shown_once_opens_the_api_and_only_its_hash_is_kept(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    made = await new_key(client, guest)
    secret, shown = made["secret"], made["apiKey"]
    assert secret.startswith(f"{shown['prefix']}_")
    me = (await client.get(ME, headers=of(secret))).json()
    assert me["user"]["email"] == guest.email
    assert me["permissions"] == SCOPES
    listed = await client.get(KEYS, headers=await guest.bearer())
    [found] = listed.json()["items"]
    assert (found["name"], found["scopes"]) == ("Nightly report", SCOPES)
    assert found["lastUsedAt"] is not None
    assert secret not in listed.text
    async with tenant(guest.office.database, guest.office.context) as session:
        kept = await session.scalar(select(ApiKeyRow))
    assert kept is not None
    assert secret.encode() not in kept.hash
    [audit] = await guest.audited("api_key.created")
    assert audit.details == {
        "name": "Nightly report",
        "prefix": kept.prefix,
        "scopes": SCOPES,
    }


async def test_a_key_may_do_what_its_scopes_say_and_acts_are_marked_as_its_own(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    reading = (await new_key(client, guest))["secret"]
    path = f"/api/v1/playbooks/{guest.office.playbook.id}/runs"
    assert (await client.get(RUNS, headers=of(reading))).status_code == 200
    refused = await client.post(path, headers=of(reading))
    assert (refused.status_code, refused.json()["permission"]) == (403, "runs:create")
    starting = await new_key(client, guest, scopes=["runs:create:team"])
    assert (await client.post(path, headers=of(starting["secret"]))).status_code == 202
    [audit] = await guest.audited("run.requested")
    assert audit.channel == "api_key"
    assert f"cs_{audit.details['api_key']}" == starting["apiKey"]["prefix"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["users:delete:org"]}, "scopes"),
        ({"scopes": ["proposals:read:org"]}, "scopes"),
        ({"scopes": ["proposals:read:team", "billing:read:all"]}, "scopes"),
        ({"scopes": ["proposals:devour:team"]}, "scopes"),
        ({"scopes": ["proposals:read"]}, "scopes"),
        ({"scopes": ["*:*:all"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2090-01-01T00:00:00"}, "expiresAt"),
        ({"createdBy": "somebody"}, "createdBy"),
    ],
)
async def test_a_key_that_exceeds_its_author_or_makes_no_sense_is_422_and_named(
    client: httpx.AsyncClient, guest: Guest, body: dict[str, object], field: str
) -> None:
    wanted = {"name": "Too much", "scopes": SCOPES, **body}
    answer = await client.post(KEYS, json=wanted, headers=await guest.bearer())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert (await client.get(KEYS, headers=await guest.bearer())).json()["items"] == []


async def test_a_right_that_the_author_loses_is_lost_to_the_key_with_the_next_request(
    client: httpx.AsyncClient, server: ServerProcess, guest: Guest
) -> None:
    secret = (await new_key(client, guest, scopes=["runs:read:team", "runs:update:team"]))["secret"]

    async def permissions(via: httpx.AsyncClient) -> list[str]:
        answer = await via.get(ME, headers=of(secret))
        found: list[str] = answer.json()["permissions"] if answer.is_success else [answer.text]
        return found

    async def refused(*processes: httpx.AsyncClient) -> None:
        for process in processes:
            answer = await process.get(ME, headers=of(secret))
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    async with httpx.AsyncClient(base_url=server.url) as other:
        assert await permissions(other) == ["runs:read:team", "runs:update:team"]
        of_guest = Membership.user_id == guest.user_id
        async with tenant(guest.office.database, guest.office.context) as session:
            await session.execute(update(Membership).where(of_guest).values(role=Role.MEMBER))
        for process in (client, other):
            assert await permissions(process) == ["runs:read:self"]
        async with tenant(guest.office.database, guest.office.context) as session:
            await session.execute(delete(TeamMember).where(TeamMember.user_id == guest.user_id))
            await session.execute(delete(Membership).where(of_guest))
        await refused(client, other)
        async with tenant(guest.office.database, guest.office.context) as session:
            await add_member(session, guest.user_id, Role.TEAM_LEAD, None)
        await refused(client, other)  # taken in again, the person has no old keys


async def test_a_revoked_key_is_refused_by_every_process_and_its_stream_ends(
    client: httpx.AsyncClient, server: ServerProcess, guest: Guest
) -> None:
    made = await new_key(client, guest)
    headers = of(made["secret"])
    async with (
        httpx.AsyncClient(base_url=server.url) as other,
        listening(server.url, headers) as stream,
    ):
        url = f"{KEYS}/{made['apiKey']['id']}"
        assert (await client.delete(url, headers=await guest.bearer())).status_code == 204
        for process in (client, other):
            assert (await process.get(ME, headers=headers)).status_code == 401
        assert await stream.next() is None
        again = await other.delete(url, headers=await guest.bearer())
        assert (again.status_code, again.json()["code"]) == (404, "api_key_not_found")
    assert len(await guest.audited("api_key.revoked")) == 1


async def test_a_rotated_key_has_another_secret_and_the_old_one_is_refused(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    made = await new_key(client, guest)
    url = f"{KEYS}/{made['apiKey']['id']}/rotate"
    fresh = (await client.post(url, headers=await guest.bearer())).json()
    assert fresh["apiKey"]["id"] == made["apiKey"]["id"]
    assert fresh["apiKey"]["scopes"] == SCOPES
    assert (await client.get(ME, headers=of(fresh["secret"]))).status_code == 200
    assert (await client.get(ME, headers=of(made["secret"]))).status_code == 401
    [audit] = await guest.audited("api_key.rotated")
    assert fresh["apiKey"]["prefix"] == f"cs_{audit.details['prefix']}"


async def test_nobody_gets_the_secret_of_anothers_key_but_an_admin_may_end_it(
    client: httpx.AsyncClient, guest: Guest, office: Office
) -> None:
    made = await new_key(client, guest)
    url, admin = f"{KEYS}/{made['apiKey']['id']}", await office.bearer("admin")
    assert [one["id"] for one in (await client.get(KEYS, headers=admin)).json()["items"]] == [
        made["apiKey"]["id"]
    ]
    refused = await client.post(f"{url}/rotate", headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_your_api_key")
    assert (await client.get(ME, headers=of(made["secret"]))).status_code == 200
    assert (await client.delete(url, headers=admin)).status_code == 204
    assert (await client.get(ME, headers=of(made["secret"]))).status_code == 401


async def test_an_expired_key_is_refused_and_cannot_be_rotated(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    made = await new_key(client, guest, expiresAt="2090-01-01T00:00:00+02:00")
    assert (await client.get(ME, headers=of(made["secret"]))).status_code == 200
    async with tenant(guest.office.database, guest.office.context) as session:
        await session.execute(update(ApiKeyRow).values(expires_at=now() - timedelta(seconds=1)))
    assert (await client.get(ME, headers=of(made["secret"]))).status_code == 401
    url = f"{KEYS}/{made['apiKey']['id']}/rotate"
    refused = await client.post(url, headers=await guest.bearer())
    assert (refused.status_code, refused.json()["code"]) == (409, "api_key_expired")


async def test_a_key_may_nothing_that_is_about_the_person_themselves(
    app: Litestar, client: httpx.AsyncClient, guest: Guest
) -> None:
    everything = (await client.get(ME, headers=await guest.bearer())).json()["permissions"]
    secret = (await new_key(client, guest, scopes=everything))["secret"]
    personal = {
        (method, route.path)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods - {"OPTIONS"}
        if handler.opt.get(guards.BY_PERSON)
    }
    assert len(personal) > 15
    for method, path in personal:
        known = path.replace("{key_id:uuid}", str(guest.user_id))
        known = known.replace("{session_id:uuid}", str(guest.user_id))
        answer = await client.request(method, known, headers=of(secret), json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "person_required"), path


async def test_what_is_no_key_is_refused_without_a_word_of_why(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    secret = (await new_key(client, guest))["secret"]
    prefix = secret[:20]
    told = set()
    for wrong in (
        f"{prefix}{'A' * 43}",
        f"cs_{'0' * 16}_{secret[20:]}",
        secret[:-1],
        f"{secret}A",
        "cs_",
        "cs_' OR true --",
    ):
        answer = await client.get(ME, headers=of(wrong))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), wrong
        told.add(answer.json()["detail"])
    assert len(told) == 1


async def test_use_is_written_down_at_most_once_a_minute(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers = of((await new_key(client, guest))["secret"])

    async def used() -> object:
        await client.get(ME, headers=headers)
        async with system(guest.office.database) as session:
            query = select(ApiKeyRow.last_used_at).where(ApiKeyRow.created_by == guest.user_id)
            return await session.scalar(query)

    first = await used()
    assert first is not None
    assert await used() == first
    long_ago = now() - timedelta(minutes=2)
    async with tenant(guest.office.database, guest.office.context) as session:
        await session.execute(update(ApiKeyRow).values(last_used_at=long_ago))
    assert await used() not in (first, long_ago)


async def test_a_key_of_one_organization_opens_no_other(
    client: httpx.AsyncClient, guest: Guest, stranger: Office
) -> None:
    secret = (await new_key(client, guest))["secret"]
    me = (await client.get(ME, headers=of(secret))).json()
    assert me["organization"]["slug"] == guest.office.slug
    theirs = await client.get(KEYS, headers=await stranger.bearer("admin"))
    assert theirs.json()["items"] == []
    async with tenant(stranger.database, stranger.context) as session:
        assert (await session.scalars(select(ApiKeyRow))).all() == []
        assert "api_key.created" not in await session.scalars(select(AuditEvent.action))
