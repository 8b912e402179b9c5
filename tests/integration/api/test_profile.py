"""A person's own settings and sessions. The people are shared between tests, so each test has its own person."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from backend.core.clock import now
from tenancy.members import add_member, add_user
from tenancy.models.change import AuditEvent
from tenancy.models.organization import UserPreference, WebSession
from tenancy.permissions import Role
from tenancy.session import system, tenant
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import PASSWORD, Office
from tests.fixtures.stream import listening

ME, SESSIONS = "/api/v1/me", "/api/v1/me/sessions"
LINUX = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"


@pytest.fixture
async def email() -> str:
    return f"{secrets.token_hex(6)}@people.example"


@pytest.fixture
async def home(office: Office, email: str) -> Office:
    """The office with one more person, ``guest``, whom no other test knows."""
    guest = await add_user(office.database, email=email, name="Guest One", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, guest, Role.MEMBER, office.team)
    return replace(office, people={**office.people, "guest": guest})


async def sessions(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await client.get(SESSIONS, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_person_renames_themselves_and_it_is_audited(
    client: httpx.AsyncClient, home: Office
) -> None:
    headers = await home.bearer("guest")
    answer = await client.patch(ME, json={"name": "  Ada   Byron "}, headers=headers)
    assert answer.json()["user"]["name"] == "Ada Byron"
    assert (await client.get(ME, headers=headers)).json()["user"]["initials"] == "AB"
    async with tenant(home.database, home.context) as session:
        query = select(AuditEvent.details).where(AuditEvent.action == "user.renamed")
        assert list(await session.scalars(query)) == [{"from": "Guest One", "to": "Ada Byron"}]
    for name in ("", "   ", "x" * 101, "a\u0000b"):
        refused = await client.patch(ME, json={"name": name}, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")
    assert (await client.patch(ME, json={}, headers=headers)).status_code == 200


async def test_preferences_belong_to_the_person_in_every_organization(
    client: httpx.AsyncClient, home: Office, stranger: Office
) -> None:
    guest = home.people["guest"]
    async with tenant(stranger.database, stranger.context) as session:
        await add_member(session, guest, Role.VIEWER, None)
    abroad = replace(stranger, people={"guest": guest})
    headers = await home.bearer("guest")
    usual = {"theme": "system", "density": "compact", "quietKeys": []}
    assert (await client.get(f"{ME}/preferences", headers=headers)).json() == usual
    wanted = {"theme": "dark", "density": "comfortable", "quietKeys": ["j", "?"]}
    for _ in range(2):
        put = await client.put(f"{ME}/preferences", json=wanted, headers=headers)
        assert (put.status_code, put.json()) == (200, wanted)
    seen = await client.get(f"{ME}/preferences", headers=await abroad.bearer("guest"))
    assert seen.json() == wanted
    other = await client.get(f"{ME}/preferences", headers=await home.bearer("viewer"))
    assert other.json()["theme"] == "system"


async def test_preferences_that_make_no_sense_are_422_and_named(
    client: httpx.AsyncClient, home: Office
) -> None:
    headers = await home.bearer("guest")
    for body, field in (
        ({"theme": "pink"}, "theme"),
        ({"density": "airy"}, "density"),
        ({"quietKeys": ["Enter"]}, "quietKeys"),
    ):
        answer = await client.put(f"{ME}/preferences", json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_the_database_shows_and_changes_only_ones_own(home: Office) -> None:
    guest, lead = await home.principal("guest"), await home.principal("lead")
    async with tenant(home.database, guest.tenant) as session:
        session.add(
            UserPreference(user_id=guest.user_id, theme="dark", density="compact", quiet_keys=[])
        )
    async with tenant(home.database, lead.tenant) as session:
        others = select(UserPreference.user_id).where(UserPreference.user_id != lead.user_id)
        assert (await session.scalars(others)).all() == []
        renamed = await session.execute(
            text("UPDATE user_account SET name = 'Taken' WHERE id = :id RETURNING id"),
            {"id": guest.user_id},
        )
        assert renamed.all() == []


async def test_sessions_name_device_and_place_and_which_one_asks(
    client: httpx.AsyncClient, home: Office, email: str
) -> None:
    form = {"email": email, "password": PASSWORD, "organization": home.slug}
    agent = {"User-Agent": LINUX}
    login = await client.post("/auth/login", data=form, headers=agent)
    cookie = {"Cookie": login.headers["set-cookie"].split(";")[0], "X-Countersign": "1"}
    client.cookies.clear()
    token = await client.post("/api/v1/auth/token", json=form, headers={"User-Agent": "curl/8"})
    assert token.status_code == 200
    program, browser = await sessions(client, cookie)
    if program["kind"] == "browser":
        program, browser = browser, program
    assert (program["kind"], program["device"], program["current"]) == ("program", "curl", False)
    assert (browser["kind"], browser["device"]) == ("browser", "Chrome on Linux")
    assert (browser["current"], browser["organization"]) == (True, "Brindlemoor")
    assert browser["address"] == "127.0.0.1"


async def test_a_session_that_is_ended_is_refused_with_its_next_request(
    client: httpx.AsyncClient, home: Office
) -> None:
    browser, program = await home.cookie("guest"), await home.bearer("guest")
    for mine, theirs in ((browser, program), (await home.bearer("guest"), browser)):
        [ended] = [one for one in await sessions(client, theirs) if one["current"]]
        url = f"{SESSIONS}/{ended['id']}"
        foreign = await client.delete(url, headers=await home.bearer("lead"))
        assert foreign.status_code == 404
        assert (await client.delete(url, headers=mine)).status_code == 204
        assert (await client.get(ME, headers=theirs)).status_code == 401
        assert (await client.delete(url, headers=await home.bearer("guest"))).status_code == 404
    async with tenant(home.database, home.context) as session:
        query = select(AuditEvent.subject_id).where(AuditEvent.action == "session.revoked")
        assert len((await session.scalars(query)).all()) == 2


async def test_all_others_are_ended_and_the_asking_one_stays(
    client: httpx.AsyncClient, home: Office
) -> None:
    here, away, program = [
        await home.cookie("guest"),
        await home.cookie("guest"),
        await home.bearer("guest"),
    ]
    answer = await client.post(f"{SESSIONS}/revoke-others", headers=here)
    assert [one["current"] for one in answer.json()["items"]] == [True]
    for ended in (away, program):
        assert (await client.get(ME, headers=ended)).status_code == 401
    assert (await client.get(ME, headers=await home.bearer("lead"))).status_code == 200


async def test_the_stream_of_an_ended_session_ends(server: ServerProcess, home: Office) -> None:
    browser = await home.cookie("guest")
    async with (
        httpx.AsyncClient(base_url=server.url) as client,
        listening(server.url, browser) as open_one,
    ):
        [here] = [one for one in await sessions(client, browser) if one["current"]]
        ended = await client.delete(f"{SESSIONS}/{here['id']}", headers=await home.bearer("guest"))
        assert ended.status_code == 204
        assert await open_one.next() is None


async def test_use_is_written_down_at_most_once_a_minute(
    client: httpx.AsyncClient, home: Office
) -> None:
    headers, guest = await home.cookie("guest"), home.people["guest"]

    async def used() -> datetime | None:
        async with system(home.database) as session:
            query = select(WebSession.last_used_at).where(WebSession.user_id == guest)
            return await session.scalar(query)

    first = await used()
    await client.get(ME, headers=headers)
    assert await used() == first
    long_ago = now() - timedelta(minutes=2)
    async with system(home.database) as session:
        of_guest = update(WebSession).where(WebSession.user_id == guest)
        await session.execute(of_guest.values(last_used_at=long_ago))
    await client.get(ME, headers=headers)
    after = await used()
    assert after is not None
    assert after > long_ago + timedelta(minutes=1)
