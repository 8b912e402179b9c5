import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import delete, select, update

from backend.core.clock import now
from backend.core.crypto import hash_token
from backend.core.ids import UserId
from backend.core.settings import Settings
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.members import add_member, add_user
from tenancy.models.change import AuditEvent
from tenancy.models.organization import Membership, RefreshToken, TeamMember
from tenancy.permissions import Role
from tenancy.session import system, tenant
from tests.fixtures.people import PASSWORD, Office
from tests.waiting import eventually

TOKEN, REFRESH, ME = "/api/v1/auth/token", "/api/v1/auth/refresh", "/api/v1/me"


@dataclass(frozen=True)
class Person:
    email: str
    password: str = PASSWORD

    @property
    def login(self) -> dict[str, str]:
        return {"email": self.email, "password": self.password}


@pytest.fixture
async def person(office: Office) -> Person:
    """Somebody who belongs to this organization alone."""
    email = f"{secrets.token_hex(6)}@people.example"
    user_id = await add_user(office.database, email=email, name="Ada King", password=PASSWORD)
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, Role.TEAM_LEAD, office.team)
    return Person(email)


async def log_in(client: httpx.AsyncClient, person: Person) -> dict[str, Any]:
    answer = await client.post(TOKEN, json=person.login)
    assert answer.status_code == 200, answer.text
    pair: dict[str, Any] = answer.json()
    return pair


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def audited(office: Office) -> list[str]:
    async with tenant(office.database, office.context) as session:
        return list(await session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)))


async def test_password_gives_a_pair_that_opens_the_api(
    client: httpx.AsyncClient, office: Office, person: Person
) -> None:
    pair = await log_in(client, Person(f"  {person.email.upper()} "))
    assert (pair["tokenType"], pair["expiresIn"]) == ("Bearer", 900)
    me = (await client.get(ME, headers=bearer(pair["accessToken"]))).json()
    assert me["user"]["name"] == "Ada King"
    assert me["user"]["initials"] == "AK"
    assert me["organization"]["slug"] == office.slug
    assert [one["slug"] for one in me["organizations"]] == [office.slug]
    assert me["roles"] == ["team_lead"]
    assert "proposals:approve:team" in me["permissions"]
    assert "token.issued" in await audited(office)


@pytest.mark.parametrize("wrong", ["password", "email"])
async def test_wrong_password_and_unknown_person_get_the_same_answer(
    client: httpx.AsyncClient, person: Person, wrong: str
) -> None:
    answer = await client.post(TOKEN, json=person.login | {wrong: "nobody@people.example"})
    assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")
    assert answer.json()["detail"] == "e-mail or password are wrong"


async def test_person_of_two_organizations_is_asked_which(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    login = {"email": "lead@people.example", "password": PASSWORD}
    answer = await client.post(TOKEN, json=login)
    assert (answer.status_code, answer.json()["code"]) == (422, "organization_required")
    listed = {one["slug"] for one in answer.json()["organizations"]}
    assert {office.slug, stranger.slug} <= listed
    chosen = await client.post(TOKEN, json=login | {"organization": stranger.slug})
    me = await client.get(ME, headers=bearer(chosen.json()["accessToken"]))
    assert me.json()["organization"]["slug"] == stranger.slug
    elsewhere = await client.post(TOKEN, json=login | {"organization": "not-mine"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "organization_required")


async def test_refresh_spends_the_token_and_reuse_ends_the_family(
    client: httpx.AsyncClient, office: Office, person: Person
) -> None:
    first = await log_in(client, person)
    answer = await client.post(REFRESH, json={"refreshToken": first["refreshToken"]})
    second = answer.json()
    assert second["accessToken"] != first["accessToken"]
    reused = await client.post(REFRESH, json={"refreshToken": first["refreshToken"]})
    assert (reused.status_code, reused.json()["code"]) == (401, "token_reused")
    assert "token.reused" in await audited(office)
    dead = await client.post(REFRESH, json={"refreshToken": second["refreshToken"]})
    assert dead.status_code == 401
    for pair in (first, second):
        assert (await client.get(ME, headers=bearer(pair["accessToken"]))).status_code == 401
    assert (
        await client.get(ME, headers=bearer((await log_in(client, person))["accessToken"]))
    ).is_success


async def test_of_refreshes_at_the_same_time_one_wins_and_the_family_lives(
    client: httpx.AsyncClient, office: Office, person: Person, postgres: EmbeddedPostgres
) -> None:
    pair = await log_in(client, person)
    async with system(office.database) as session:  # all of them wait for this lock
        spent = RefreshToken.token_hash == hash_token(pair["refreshToken"])
        await session.scalar(select(RefreshToken).where(spent).with_for_update())
        body = {"refreshToken": pair["refreshToken"]}
        calls = [asyncio.create_task(client.post(REFRESH, json=body)) for _ in range(3)]
        await eventually(lambda: are_waiting(postgres, 3), "three requests that wait")
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    [won] = [answer.json() for answer in answers if answer.is_success]
    assert (await client.get(ME, headers=bearer(won["accessToken"]))).status_code == 200


async def are_waiting(postgres: EmbeddedPostgres, number: int) -> bool:
    superuser = await asyncpg.connect(postgres.dsn("postgres"))
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    try:
        return bool(await superuser.fetchval(query) >= number)
    finally:
        await superuser.close()


async def test_a_removed_member_is_refused_at_once(
    client: httpx.AsyncClient, office: Office, person: Person
) -> None:
    pair = await log_in(client, person)
    headers = bearer(pair["accessToken"])
    user_id = (await client.get(ME, headers=headers)).json()["user"]["id"]
    async with tenant(office.database, office.context) as session:
        await session.execute(delete(TeamMember).where(TeamMember.user_id == user_id))
        await session.execute(delete(Membership).where(Membership.user_id == user_id))
    assert (await client.get(ME, headers=headers)).status_code == 401
    refreshed = await client.post(REFRESH, json={"refreshToken": pair["refreshToken"]})
    assert refreshed.status_code == 401
    again = await client.post(TOKEN, json=person.login)
    assert again.status_code == 401


async def test_an_expired_refresh_token_is_refused(
    client: httpx.AsyncClient, office: Office, person: Person
) -> None:
    pair = await log_in(client, person)
    async with system(office.database) as session:
        await session.execute(
            update(RefreshToken)
            .where(RefreshToken.token_hash == hash_token(pair["refreshToken"]))
            .values(expires_at=now() - timedelta(seconds=1))
        )
    answer = await client.post(REFRESH, json={"refreshToken": pair["refreshToken"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_forged_expired_and_incomplete_access_tokens_are_refused(
    client: httpx.AsyncClient, office: Office, settings: Settings
) -> None:
    real = OctKey.import_key(settings.keys.derive("access tokens"))
    other = OctKey.import_key(settings.keys.derive("cursors"))
    good = jwt.decode((await office.tokens("lead")).access, real).claims
    assert (await call(client, good, real)).status_code == 200
    refused = [(good, other), (good | {"exp": int(now().timestamp()) - 60}, real)]
    refused += [(good | {"aud": "else"}, real), (good | {"iss": "else"}, real)]
    refused += [(good | {"org": "not-an-id"}, real)]
    refused += [
        ({name: value for name, value in good.items() if name != missing}, real)
        for missing in ("sub", "org", "fid", "exp", "aud", "iss")
    ]
    for claims, key in refused:
        assert (await call(client, claims, key)).status_code == 401, claims
    assert (await client.get(ME, headers=bearer("nonsense"))).status_code == 401


async def call(client: httpx.AsyncClient, claims: dict[str, object], key: OctKey) -> httpx.Response:
    return await client.get(ME, headers=bearer(jwt.encode({"alg": "HS256"}, claims, key)))


async def test_program_goes_on_in_another_organization_of_its_owner_and_in_no_other(
    client: httpx.AsyncClient, office: Office, stranger: Office, person: Person
) -> None:
    pair = await log_in(client, person)
    there = {"refreshToken": pair["refreshToken"], "organization": stranger.slug}
    foreign = await client.post(REFRESH, json=there)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "organization_not_found")
    user_id = (await client.get(ME, headers=bearer(pair["accessToken"]))).json()["user"]["id"]
    async with tenant(stranger.database, stranger.context) as session:
        await add_member(session, UserId(UUID(user_id)), Role.VIEWER, None)
    moved = await client.post(REFRESH, json=there)
    assert moved.status_code == 200
    me = (await client.get(ME, headers=bearer(moved.json()["accessToken"]))).json()
    assert (me["organization"]["slug"], me["roles"]) == (stranger.slug, ["viewer"])
    assert (await client.get(ME, headers=bearer(pair["accessToken"]))).status_code == 401
    assert (await client.post(REFRESH, json=there)).status_code == 401
    assert (await audited(stranger))[-1] == "user.switched_organization"
    back = {"refreshToken": moved.json()["refreshToken"], "organization": office.slug}
    assert (await client.post(REFRESH, json=back)).status_code == 200
