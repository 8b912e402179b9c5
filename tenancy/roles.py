"""Roles that an organization makes itself.

No role holds more than whoever writes it: each permission lies within their own rights. A wildcard takes in rights
that come later, so it may be written only by somebody whose own role has that wildcard, or a wider one; others name
the rights one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.ids import new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.context import Channel, Principal
from tenancy.models.organization import Membership, RoleRow, Team, TeamMember, TeamRole
from tenancy.names import cleaned
from tenancy.permissions import Right, Role, beyond, grants_from, includes, lacks
from tenancy.system_roles import SYSTEM_ROLES, RoleInfo

MOST = 100
_NAMES: Final = frozenset(one.name.lower() for one in SYSTEM_ROLES.values())


class RoleNotFoundError(NotFoundError):
    """The organization has made no such role."""

    code = "role_not_found"


class RoleNameTakenError(ConflictError):
    """Another role has this name."""

    code = "role_name_taken"


class RoleInUseError(ConflictError):
    """Somebody has the role."""

    code = "role_in_use"


class BeyondOwnRightsError(PermissionDeniedError):
    """The role holds rights that the asking person lacks."""

    code = "beyond_own_rights"


@dataclass(frozen=True, slots=True)
class Held:
    """A role, how many members have it themselves, and the names of the teams that have it."""

    role: RoleInfo
    members: int
    teams: Sequence[str]


async def list_roles(session: AsyncSession) -> list[Held]:
    """The system roles, the one with most rights first, then the organization's own by name; with who has them."""
    counted = select(Membership.role, Membership.role_id, func.count()).group_by(
        Membership.role, Membership.role_id
    )
    members = {
        key_of(role, role_id): count for role, role_id, count in await session.execute(counted)
    }
    named = (
        select(TeamRole.role, TeamRole.role_id, Team.name)
        .join(Team, (Team.org_id == TeamRole.org_id) & (Team.id == TeamRole.team_id))
        .order_by(Team.name)
    )
    teams: dict[str, list[str]] = {}
    for role, role_id, name in await session.execute(named):
        teams.setdefault(key_of(role, role_id), []).append(name)
    return [
        Held(role, members.get(key, 0), teams.get(key, ()))
        for key, role in (await by_key(session)).items()
    ]


async def by_key(session: AsyncSession) -> Mapping[str, RoleInfo]:
    """All roles of the session's organization by their keys, in their order."""
    rows = await session.scalars(select(RoleRow).order_by(func.lower(RoleRow.name), RoleRow.id))
    own = [_info(row) for row in rows]
    return {role.key: role for role in (*SYSTEM_ROLES.values(), *own)}


async def show_role(session: AsyncSession, role_id: UUID) -> Held:
    """One of the organization's own. Raises :class:`RoleNotFoundError`."""
    for held in await list_roles(session):
        if held.role.key == str(role_id):
            return held
    raise _unknown()


async def role_to_give(session: AsyncSession, key: str) -> RoleInfo:
    """The role of this key, which stays as it is until the transaction ends. Raises 422 for an unknown one."""
    if key in set(Role):
        return SYSTEM_ROLES[Role(key)]
    try:
        row = await _row(session, UUID(key), share=True)
    except (ValueError, RoleNotFoundError):
        choice = f"{', '.join(Role)}, or the id of a role of your organization"
        raise InvalidInputError(f"use one of {choice}", field="role") from None
    return _info(row)


async def create_role(
    session: AsyncSession, principal: Principal, name: str, permissions: Sequence[str]
) -> UUID:
    """A new role. Raises :class:`RoleNameTakenError`, :class:`BeyondOwnRightsError`, and 422 for what cannot be."""
    _require_own(principal, permissions)
    if (await session.scalar(select(func.count()).select_from(RoleRow)) or 0) >= MOST:
        raise ConflictError(f"there are {MOST} roles; delete one that nobody has")
    role_id = new_uuid()
    row = RoleRow(
        org_id=principal.org_id,
        id=role_id,
        permissions=list(dict.fromkeys(permissions)),
        created_by=principal.user_id,
        created_at=now(),
    )
    await _write(session, row, name)
    details = {"name": row.name, "permissions": row.permissions}
    record(session, Change(role_id, audit=AuditAction.ROLE_CREATED, details=details))
    return role_id


async def change_role(
    session: AsyncSession,
    principal: Principal,
    role_id: UUID,
    *,
    name: str | None = None,
    permissions: Sequence[str] | None = None,
) -> None:
    """Give a role another name or other permissions: whoever has it has them from their next request on.

    Nobody changes a role that holds more than they do. Raises not found and what :func:`create_role` raises.
    """
    row = await _row(session, role_id)
    if more := beyond(_info(row).grants, principal.grants):
        raise BeyondOwnRightsError("this role holds rights that you lack", permissions=more)
    before = {"name": row.name, "permissions": row.permissions}
    if permissions is not None:
        _require_own(principal, permissions)
        row.permissions = list(dict.fromkeys(permissions))
    await _write(session, row, row.name if name is None else name)
    after = {"name": row.name, "permissions": row.permissions}
    if after == before:
        return
    details = {"before": before, "after": after}
    record(session, Change(role_id, audit=AuditAction.ROLE_CHANGED, details=details))
    for user_id in await _holders(session, role_id):
        record(session, Change(user_id, event=EventKind.MEMBERSHIP_CHANGED))


async def delete_role(session: AsyncSession, role_id: UUID) -> None:
    """Delete a role. Raises not found, and :class:`RoleInUseError` while a member or a team has it."""
    row = await _row(session, role_id)
    details = {"name": row.name, "permissions": row.permissions}
    try:
        async with session.begin_nested():
            await session.delete(row)
    except IntegrityError as error:
        raise RoleInUseError("members or teams have this role; give them another first") from error
    record(session, Change(role_id, audit=AuditAction.ROLE_DELETED, details=details))


def cannot_write(
    principal: Principal, role: RoleInfo | None = None
) -> PermissionDeniedError | None:
    """Why this person may not make roles, or not change this one; None when they may."""
    if (refused := lacks(principal, Right.SETTINGS_ADMIN)) is not None or role is None:
        return refused
    if not role.is_custom:
        return PermissionDeniedError("the system roles are the same everywhere and cannot change")
    return cannot_hand(principal, role)


def cannot_hand(principal: Principal, role: RoleInfo) -> BeyondOwnRightsError | None:
    """Why this person may neither give the role nor take it away; None when they have all of its rights."""
    more = beyond(role.grants, principal.grants)
    if not more:
        return None
    named = role.name if role.is_custom else role.key
    return BeyondOwnRightsError(f"the role {named} holds rights that you lack", permissions=more)


def key_of(role: str | None, role_id: UUID | None) -> str:
    """The key of the role that a row names in one of two columns."""
    return role or str(role_id)


def columns_of(role: RoleInfo) -> dict[str, object]:
    """The two columns of a row that names this role."""
    if role.is_custom:
        return {"role": None, "role_id": UUID(role.key)}
    return {"role": role.key, "role_id": None}


def _require_own(principal: Principal, permissions: Sequence[str]) -> None:
    if not permissions:
        raise InvalidInputError("a role holds at least one permission", field="permissions")
    try:
        asked = grants_from(permissions)
    except ValueError as error:
        raise InvalidInputError(str(error), field="permissions") from error
    if more := beyond(asked, principal.grants):
        told = f"a role cannot hold more than who writes it: {', '.join(more)}"
        raise BeyondOwnRightsError(told, permissions=more)
    own = principal.role.permissions if principal.role else ()
    if principal.channel is Channel.API_KEY:
        own = ()  # a key has only a part of its author's rights, and of those that come later
    later = [text for text in permissions if "*" in text and not includes(own, text)]
    if later:
        told = f"{', '.join(later)} would take in rights that come later; name those that you mean"
        raise BeyondOwnRightsError(told, permissions=later)


async def _write(session: AsyncSession, row: RoleRow, name: str) -> None:
    row.name = cleaned(name)
    taken = RoleNameTakenError(f"there is a role {row.name!r} already")
    if row.name.lower() in _NAMES:
        raise taken
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise taken from error


async def _row(session: AsyncSession, role_id: UUID, *, share: bool = False) -> RoleRow:
    query = select(RoleRow).where(RoleRow.id == role_id).with_for_update(read=share)
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise _unknown()
    return row


async def _holders(session: AsyncSession, role_id: UUID) -> Sequence[UUID]:
    own = select(Membership.user_id).where(Membership.role_id == role_id)
    by_team = (
        select(TeamMember.user_id)
        .join(
            TeamRole,
            (TeamRole.org_id == TeamMember.org_id) & (TeamRole.team_id == TeamMember.team_id),
        )
        .where(TeamRole.role_id == role_id)
    )
    return (await session.scalars(own.union(by_team))).all()


def _info(row: RoleRow) -> RoleInfo:
    return RoleInfo(str(row.id), row.name, tuple(row.permissions), is_custom=True)


def _unknown() -> RoleNotFoundError:
    return RoleNotFoundError("there is no such role in this organization")
