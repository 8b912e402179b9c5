"""Turns a membership into a principal with today's rights. Keeps no cache: a removed member is nobody at once.

Own role and teams' roles are read by the query that proves session, token or key, in every process anew (ADR 6).
"""

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from backend.core.errors import UnauthenticatedError
from backend.core.ids import OrgId, TeamId, UserId
from tenancy.context import Channel, Principal
from tenancy.models.organization import (
    Membership,
    Organization,
    RoleRow,
    TeamMember,
    TeamRole,
    UserAccount,
)
from tenancy.permissions import Grants, Role, expanded, in_team
from tenancy.status import Status
from tenancy.system_roles import SYSTEM_ROLES, RoleInfo
from tenancy.tiers import Tier


class NotAMemberError(UnauthenticatedError):
    """The person does not belong to the organization (any more)."""

    code = "not_a_member"


@dataclass(frozen=True, slots=True)
class Lease:
    """What somebody's access hangs on: a browser's session, a family of tokens or an API key, until ``expires_at``."""

    user_id: UserId
    org_id: OrgId
    expires_at: datetime
    session_id: UUID | None = None
    family_id: UUID | None = None
    key_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A verified principal and the lease by which they came in."""

    principal: Principal
    lease: Lease


async def load_principal(
    session: AsyncSession, user_id: UserId, channel: Channel, request_id: str | None = None
) -> Principal:
    """The person with their rights in the session's organization. Raises :class:`NotAMemberError`."""
    row = (await session.execute(members().where(Membership.user_id == user_id))).one_or_none()
    if row is None:
        raise NotAMemberError("this person does not belong to the organization")
    return principal_from(row, channel, request_id)


async def load_principals(session: AsyncSession, channel: Channel) -> list[Principal]:
    """Every member of the session's organization with their rights, by name."""
    rows = await session.execute(members().order_by(UserAccount.name, UserAccount.id))
    return [principal_from(row, channel, None) for row in rows]


@functools.cache
def members() -> Select[Any]:
    """Memberships with everything that :func:`principal_from` reads; callers add columns, joins and conditions.

    Composed once: it is asked with each request.
    """
    own = (TeamMember.org_id == Membership.org_id, TeamMember.user_id == Membership.user_id)
    teams = select(func.array_agg(TeamMember.team_id, type_=ARRAY(Uuid))).where(*own)
    given = aliased(RoleRow)
    team_role = func.jsonb_build_array(TeamRole.team_id, TeamRole.role, given.permissions)
    team_roles = (
        select(func.jsonb_agg(team_role, type_=JSONB))
        .select_from(TeamMember)
        .join(
            TeamRole,
            and_(TeamRole.org_id == TeamMember.org_id, TeamRole.team_id == TeamMember.team_id),
        )
        .outerjoin(given, and_(given.org_id == TeamRole.org_id, given.id == TeamRole.role_id))
        .where(*own)
    )
    columns: list[ColumnElement[Any]] = [
        Membership.org_id.expression,
        Membership.user_id.expression,
        Membership.role.expression,
        Membership.role_id.expression,
        RoleRow.name.label("role_name"),
        RoleRow.permissions.expression,
        UserAccount.email.expression,
        UserAccount.name.expression,
        Organization.tier.expression,
        Organization.status.expression,
        teams.scalar_subquery().label("team_ids"),
        team_roles.scalar_subquery().label("team_roles"),
    ]
    return (
        select(*columns)
        .select_from(Membership)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .join(Organization, Organization.id == Membership.org_id)
        .outerjoin(
            RoleRow, and_(RoleRow.org_id == Membership.org_id, RoleRow.id == Membership.role_id)
        )
    )


def principal_from(row: Row[Any], channel: Channel, request_id: str | None) -> Principal:
    """A principal from a row of :func:`members`."""
    own = Role(row.role) if row.role else None
    role = SYSTEM_ROLES[own] if own else _custom(row)
    return Principal(
        user_id=UserId(row.user_id),
        org_id=OrgId(row.org_id),
        email=row.email,
        name=row.name,
        roles=(own,) if own else (),
        grants=role.grants,
        team_ids=frozenset(TeamId(team) for team in row.team_ids or ()),
        team_grants=dict(_team_grants(*one) for one in row.team_roles or ()),
        role=role,
        channel=channel,
        request_id=request_id,
        tier=Tier(row.tier),
        status=Status(row.status),
    )


def _custom(row: Row[Any]) -> RoleInfo:
    return RoleInfo(str(row.role_id), row.role_name, tuple(row.permissions), is_custom=True)


def _team_grants(team: str, role: str | None, permissions: list[str] | None) -> tuple[UUID, Grants]:
    given = SYSTEM_ROLES[Role(role)].grants if role else expanded(tuple(permissions or ()))
    return UUID(team), in_team(given)
