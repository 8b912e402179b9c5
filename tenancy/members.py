"""People, their membership in an organization and the teams they work in."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import ConflictError
from backend.core.ids import TeamId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.models.invitations import Invitation
from tenancy.models.organization import (
    Membership,
    Team,
    TeamMember,
    UserAccount,
    UserPassword,
)
from tenancy.passwords import hash_password, normal_email
from tenancy.permissions import Role
from tenancy.quotas import require_room
from tenancy.roles import columns_of
from tenancy.session import context_of, system
from tenancy.system_roles import SYSTEM_ROLES, RoleInfo
from tenancy.tiers import Quota

_MEMBER_COUNT = select(func.count()).select_from(Membership)
_OPEN_COUNT = (
    select(func.count())
    .select_from(Invitation)
    .where(Invitation.ended_at.is_(None), Invitation.expires_at > func.now())
)
SEAT_COUNT = select(_MEMBER_COUNT.scalar_subquery() + _OPEN_COUNT.scalar_subquery())
"""Members, and those who are invited: what the quota of users counts."""


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
    session: AsyncSession, user_id: UserId, role: Role | RoleInfo, team_id: TeamId | None
) -> None:
    """Take a person into the session's organization in one of its roles; ``team_id`` becomes their primary team.

    Raises :class:`QuotaExceededError` when the tier has no room for them.
    """
    org_id = context_of(session).org_id
    await require_room(session, Quota.USERS, SEAT_COUNT)
    given = SYSTEM_ROLES[role] if isinstance(role, Role) else role
    session.add(Membership(org_id=org_id, user_id=user_id, **columns_of(given)))
    await session.flush()
    if team_id is not None:
        session.add(TeamMember(org_id=org_id, team_id=team_id, user_id=user_id, is_primary=True))
    record(
        session,
        Change(
            user_id,
            event=EventKind.MEMBERSHIP_CHANGED,
            audit=AuditAction.MEMBER_ADDED,
            details={"role": given.key},
        ),
    )


async def member_count(session: AsyncSession) -> int:
    """How many people the session's organization has."""
    return await session.scalar(_MEMBER_COUNT) or 0


async def seat_count(session: AsyncSession) -> int:
    """How many people the session's organization has or has invited."""
    return await session.scalar(SEAT_COUNT) or 0


async def names_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those people and teams of the session's organization that have one of these ids."""
    if not ids:
        return {}
    people = select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(ids))
    teams = select(Team.id, Team.name).where(Team.id.in_(ids))
    return dict((await session.execute(people.union_all(teams))).all())
