"""People, their membership in an organization and the teams they work in."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import ConflictError
from backend.core.ids import TeamId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.models.organization import (
    Membership,
    Team,
    TeamMember,
    UserAccount,
    UserPassword,
)
from tenancy.passwords import hash_password, normal_email
from tenancy.permissions import Role
from tenancy.session import context_of, system


class EmailTakenError(ConflictError):
    """Somebody has an account with this e-mail address."""

    code = "email_taken"


async def add_user(database: Database, *, email: str, name: str, password: str) -> UserId:
    """A new person who can log in and belongs to no organization yet. Raises :class:`EmailTakenError`."""
    user_id = UserId(new_uuid())
    hashed = await hash_password(password)
    account = {"id": user_id, "email": normal_email(email), "name": name}
    try:
        async with system(database) as session:
            await session.execute(insert(UserAccount), [account])
            await session.execute(insert(UserPassword), [{"user_id": user_id, "hash": hashed}])
    except IntegrityError as error:
        raise EmailTakenError(f"{email} has an account already") from error
    return user_id


async def add_member(
    session: AsyncSession, user_id: UserId, role: Role, team_id: TeamId | None
) -> None:
    """Take a person into the session's organization; ``team_id`` becomes their primary team."""
    org_id = context_of(session).org_id
    session.add(Membership(org_id=org_id, user_id=user_id, role=role))
    await session.flush()
    if team_id is not None:
        session.add(TeamMember(org_id=org_id, team_id=team_id, user_id=user_id, is_primary=True))
    record(
        session,
        Change(
            user_id,
            event=EventKind.MEMBERSHIP_CHANGED,
            audit=AuditAction.MEMBER_ADDED,
            details={"role": role},
        ),
    )


async def create_team(session: AsyncSession, name: str) -> TeamId:
    """A new team at the top of the session's organization."""
    team_id = TeamId(new_uuid())
    session.add(Team(org_id=context_of(session).org_id, id=team_id, name=name))
    await session.flush()
    return team_id


async def names_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those people and teams of the session's organization that have one of these ids."""
    if not ids:
        return {}
    people = select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(ids))
    teams = select(Team.id, Team.name).where(Team.id.in_(ids))
    return dict((await session.execute(people.union_all(teams))).all())
