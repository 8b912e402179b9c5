import secrets
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from backend.core.db import Database
from backend.core.ids import UserId, new_uuid
from tenancy.context import Channel
from tenancy.members import EmailTakenError, add_member, add_user
from tenancy.models.change import AuditEvent, Event
from tenancy.organizations import SlugTakenError, create_organization, organizations_of
from tenancy.passwords import verify_login
from tenancy.permissions import Right, Role, Scope
from tenancy.principals import NotAMemberError, load_principal
from tenancy.session import tenant
from tenancy.teams import create_team
from tests.fixtures.people import PASSWORD, Office


async def newcomer(database: Database) -> UserId:
    email = f"{secrets.token_hex(6)}@people.example"
    return await add_user(database, email=email, name="Ada King", password=PASSWORD)


async def test_an_address_belongs_to_one_person_however_it_is_spelt(database: Database) -> None:
    email = f"{secrets.token_hex(6)}@people.example"
    user_id = await add_user(database, email=f" {email.upper()}", name="Ada", password=PASSWORD)
    with pytest.raises(EmailTakenError):
        await add_user(database, email=email, name="Eve", password=PASSWORD)
    assert await verify_login(database, email, PASSWORD) == user_id
    assert await verify_login(database, email, PASSWORD + " ") is None


async def test_a_slug_belongs_to_one_organization(database: Database, office: Office) -> None:
    with pytest.raises(SlugTakenError):
        await create_organization(database, slug=office.slug, name="Another", is_demo=False)


async def test_a_new_member_has_their_roles_rights_and_it_is_announced(
    database: Database, office: Office
) -> None:
    user_id = await newcomer(database)
    assert await organizations_of(database, user_id) == []
    async with tenant(database, office.context) as session:
        team = await create_team(session, "Collections")
        await add_member(session, user_id, Role.TEAM_LEAD, team)
    async with tenant(database, office.context) as session:
        principal = await load_principal(session, user_id, Channel.REST)
        newest = select(Event).order_by(Event.seq.desc()).limit(1)
        event = (await session.scalars(newest)).one()
        audited = select(AuditEvent.details).where(AuditEvent.subject_id == user_id)
        assert list(await session.scalars(audited)) == [{"role": "team_lead"}]
    assert principal.team_ids == {team}
    assert principal.grants[Right.PROPOSALS_APPROVE] is Scope.TEAM
    assert (event.kind, event.subject_id) == ("membership.changed", user_id)
    assert [one.id for one in await organizations_of(database, user_id)] == [office.org_id]


async def test_a_person_is_nobody_in_an_organization_they_do_not_belong_to(
    database: Database, office: Office
) -> None:
    async with tenant(database, office.context) as session:
        with pytest.raises(NotAMemberError):
            await load_principal(session, await newcomer(database), Channel.REST)
        with pytest.raises(NotAMemberError):
            await load_principal(session, UserId(new_uuid()), Channel.REST)


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(database: Database) -> None:
    email = f"{secrets.token_hex(6)}@people.example"
    await add_user(database, email=email, name="Ada", password=PASSWORD)
    await verify_login(database, "warm@up.example", "x")
    wrong = await fastest(lambda: verify_login(database, email, "wrong"))
    unknown = await fastest(lambda: verify_login(database, f"no-{email}", "wrong"))
    assert unknown > wrong / 2


async def fastest(attempt: Callable[[], Awaitable[object]]) -> float:
    """Processor seconds of the fastest of several attempts: what other load on the machine disturbs least."""
    taken = []
    for _ in range(4):
        began = time.process_time()
        assert await attempt() is None
        taken.append(time.process_time() - began)
    return min(taken)
