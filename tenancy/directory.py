"""Who belongs to an organization, in which role and teams, which roles teams have, and how that changes.

Nobody gives a role, or takes one away, that holds more rights than their own: not by putting somebody into a team that
has it either. One admin always stays.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.ids import TeamId, UserId
from backend.core.keyset import Order, Position
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.context import Principal
from tenancy.models.organization import Membership, Team, TeamMember, TeamRole, UserAccount
from tenancy.permissions import Right, Role, lacks
from tenancy.roles import by_key, cannot_hand, columns_of, key_of
from tenancy.system_roles import RoleInfo
from tenancy.teams import TeamNotFoundError

_ADMINS = (Role.ORG_ADMIN, Role.SUPER_ADMIN)


class MemberNotFoundError(NotFoundError):
    """Nobody with this id belongs to the organization."""

    code = "member_not_found"


class LastAdminError(ConflictError):
    """Without this person nobody could admit or remove anybody any more."""

    code = "last_admin"


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the organization. The first of ``teams`` is the one that their runs belong to."""

    user_id: UserId
    email: str
    name: str
    role: RoleInfo
    teams: Sequence[TeamId]
    since: datetime


async def list_members(
    session: AsyncSession, *, role: str | None = None, after: Position | None, limit: int
) -> tuple[Sequence[Member], int]:
    """Members of the session's organization by name, those behind ``after`` (a name and an id), and how many there are.

    With ``role`` (a key) those who have it themselves. Raises 422 for an unknown one.
    """
    roles = await by_key(session)
    if role is not None and role not in roles:
        raise InvalidInputError("there is no such role in this organization", field="role")
    wanted = true() if role is None else _has(roles[role])
    query = (
        select(Membership, UserAccount)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .where(wanted)
    )
    total = await session.scalar(select(func.count()).select_from(Membership).where(wanted))
    order = Order(UserAccount.name.expression, UserAccount.id.expression, descending=False)
    found = (await session.execute(order.apply(query, after).limit(limit))).all()
    teams = await _teams_of(session, [row.user_id for row, _ in found])
    members = [
        Member(
            user_id=UserId(row.user_id),
            email=account.email,
            name=account.name,
            role=roles[key_of(row.role, row.role_id)],
            teams=teams.get(row.user_id, []),
            since=row.created_at,
        )
        for row, account in found
    ]
    return members, total or 0


async def give_role(
    session: AsyncSession, principal: Principal, user_id: UUID, role: RoleInfo
) -> None:
    """Give a member another role. Raises not found, :class:`BeyondOwnRightsError`, :class:`LastAdminError`."""
    row = await _locked(session, user_id)
    before = await _role_of(session, row)
    require_reach(principal, before, role)
    if before.key == role.key:
        return
    _announce(session, user_id, AuditAction.MEMBER_CHANGED, role=role.key, before=before.key)
    await session.execute(
        update(Membership).where(Membership.user_id == user_id).values(**columns_of(role))
    )
    await _require_admin(session)


async def put_into_teams(
    session: AsyncSession, principal: Principal, user_id: UUID, teams: Sequence[UUID]
) -> None:
    """Make these the teams of a member, the first of them primary.

    Raises not found, :class:`BeyondOwnRightsError`, and 422 for unknown teams.
    """
    row = await _locked(session, user_id)
    if len(set(teams)) != len(teams):
        raise InvalidInputError("name each team once", field="teams")
    before = await _teams_of(session, [user_id])
    changed = set(teams) ^ set(before.get(user_id, []))
    require_reach(principal, await _role_of(session, row), *await roles_of(session, changed))
    await session.execute(delete(TeamMember).where(TeamMember.user_id == user_id))
    rows = [
        {"org_id": row.org_id, "user_id": user_id, "team_id": team, "is_primary": at == 0}
        for at, team in enumerate(teams)
    ]
    try:
        if rows:
            async with session.begin_nested():
                await session.execute(insert(TeamMember), rows)
    except IntegrityError as error:
        raise InvalidInputError("one of these teams does not exist", field="teams") from error
    _announce(session, user_id, AuditAction.MEMBER_CHANGED, teams=[str(team) for team in teams])


async def give_team_role(
    session: AsyncSession, principal: Principal, team_id: UUID, role: RoleInfo | None
) -> None:
    """What the members of a team may do within it; None for no more than by themselves.

    Raises :class:`TeamNotFoundError` and :class:`BeyondOwnRightsError`.
    """
    team = await session.scalar(select(Team).where(Team.id == team_id).with_for_update())
    if team is None:
        raise TeamNotFoundError("there is no such team in this organization")
    before = await roles_of(session, [team_id])
    require_reach(principal, *before, *([role] if role else []))
    if before == ([role] if role else []):
        return
    await session.execute(delete(TeamRole).where(TeamRole.team_id == team_id))
    if role is not None:
        values = {"org_id": team.org_id, "team_id": team_id, **columns_of(role)}
        await session.execute(insert(TeamRole), [values])
    details = {"role": role and role.key, "before": before[0].key if before else None}
    record(session, Change(team_id, audit=AuditAction.TEAM_CHANGED, details=details))
    members = select(TeamMember.user_id).where(TeamMember.team_id == team_id)
    for user_id in await session.scalars(members):
        record(session, Change(user_id, event=EventKind.MEMBERSHIP_CHANGED))


async def remove_member(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    """End a membership; the person is nobody here from their next request on. Raises as :func:`give_role` does."""
    row = await _locked(session, user_id)
    own = user_id == principal.user_id
    if not own:
        require_reach(principal, await _role_of(session, row))
    _announce(
        session,
        user_id,
        AuditAction.MEMBER_LEFT if own else AuditAction.MEMBER_REMOVED,
        role=key_of(row.role, row.role_id),
    )
    await session.execute(delete(TeamMember).where(TeamMember.user_id == user_id))
    await session.delete(row)
    await _require_admin(session)


def cannot_change(principal: Principal, member: Member) -> PermissionDeniedError | None:
    """Why this person may not give the member another role or other teams; None when they may."""
    return lacks(principal, Right.USERS_UPDATE) or cannot_hand(principal, member.role)


def cannot_remove(principal: Principal, member: Member) -> PermissionDeniedError | None:
    """Why this person may not end the membership; None when they may."""
    return lacks(principal, Right.USERS_DELETE) or cannot_hand(principal, member.role)


def cannot_give(principal: Principal, role: RoleInfo) -> PermissionDeniedError | None:
    """Why this person may not give the role to anybody; None when they may."""
    return lacks(principal, Right.USERS_UPDATE) or cannot_hand(principal, role)


def require_reach(principal: Principal, *roles: RoleInfo) -> None:
    """Raise :class:`BeyondOwnRightsError` for a role that holds rights which the person lacks."""
    for role in roles:
        if (refused := cannot_hand(principal, role)) is not None:
            raise refused


async def roles_of(session: AsyncSession, teams: Collection[UUID]) -> list[RoleInfo]:
    """The roles that some of these teams have: who comes into a team comes by its role."""
    query = select(TeamRole.role, TeamRole.role_id).where(TeamRole.team_id.in_(teams))
    found, roles = (await session.execute(query)).all(), await by_key(session)
    return [roles[key_of(*one)] for one in found]


async def _locked(session: AsyncSession, user_id: UUID) -> Membership:
    """The membership; all admins' are locked with it, so that two cannot remove each other at once."""
    query = select(Membership).where(Membership.role.in_(_ADMINS)).order_by(Membership.user_id)
    await session.execute(query.with_for_update())
    row = await session.scalar(
        select(Membership).where(Membership.user_id == user_id).with_for_update()
    )
    if row is None:
        raise MemberNotFoundError("nobody with this id belongs to the organization")
    return row


async def _require_admin(session: AsyncSession) -> None:
    await session.flush()
    left = await session.scalar(
        select(func.count()).select_from(Membership).where(Membership.role.in_(_ADMINS))
    )
    if not left:
        raise LastAdminError("this is the last admin; make somebody else an admin first")


def _has(role: RoleInfo) -> ColumnElement[bool]:
    own = role.is_custom
    return Membership.role_id == UUID(role.key) if own else Membership.role == role.key


async def _role_of(session: AsyncSession, row: Membership) -> RoleInfo:
    return (await by_key(session))[key_of(row.role, row.role_id)]


def _announce(session: AsyncSession, user_id: UUID, audit: AuditAction, **details: object) -> None:
    event = EventKind.MEMBERSHIP_CHANGED
    record(session, Change(user_id, event=event, audit=audit, details=details))


async def _teams_of(session: AsyncSession, people: Sequence[UUID]) -> dict[UUID, list[TeamId]]:
    found: dict[UUID, list[TeamId]] = {}
    query = (
        select(TeamMember.user_id, TeamMember.team_id)
        .where(TeamMember.user_id.in_(people))
        .order_by(TeamMember.is_primary.desc(), TeamMember.team_id)
    )
    for user_id, team_id in await session.execute(query):
        found.setdefault(user_id, []).append(TeamId(team_id))
    return found
