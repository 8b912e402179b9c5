"""Turns a membership into a principal with today's rights. Keeps no cache: a removed member is nobody at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from backend.core.errors import UnauthenticatedError
from backend.core.ids import OrgId, TeamId, UserId
from tenancy.context import Channel, Principal
from tenancy.models.organization import Membership, TeamMember, UserAccount
from tenancy.permissions import Role, grants_of


class NotAMemberError(UnauthenticatedError):
    """The person does not belong to the organization (any more)."""

    code = "not_a_member"


@dataclass(frozen=True, slots=True)
class Lease:
    """What somebody's access hangs on: a browser's session or a family of tokens, until ``expires_at``."""

    user_id: UserId
    org_id: OrgId
    expires_at: datetime
    session_id: UUID | None = None
    family_id: UUID | None = None


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


def members() -> Select[Any]:
    """Memberships with everything that :func:`principal_from` reads; callers add columns, joins and conditions."""
    teams = (
        select(func.array_agg(TeamMember.team_id, type_=ARRAY(Uuid)))
        .where(TeamMember.org_id == Membership.org_id, TeamMember.user_id == Membership.user_id)
        .scalar_subquery()
    )
    return (
        select(
            Membership.org_id,
            Membership.user_id,
            Membership.role,
            UserAccount.email,
            UserAccount.name,
            teams.label("team_ids"),
        )
        .select_from(Membership)
        .join(UserAccount, UserAccount.id == Membership.user_id)
    )


def principal_from(row: Row[Any], channel: Channel, request_id: str | None) -> Principal:
    """A principal from a row of :func:`members`."""
    roles = (Role(row.role),)
    return Principal(
        user_id=UserId(row.user_id),
        org_id=OrgId(row.org_id),
        email=row.email,
        name=row.name,
        roles=roles,
        grants=grants_of(roles),
        team_ids=frozenset(TeamId(team) for team in row.team_ids or ()),
        channel=channel,
        request_id=request_id,
    )
