"""Says which open streams must end: their session or token family is over, or the person is no member any more."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, tuple_

from backend.core.clock import now
from backend.core.db import Database
from tenancy.models.organization import Membership, RefreshToken, WebSession
from tenancy.principals import Lease
from tenancy.session import system


async def ended(database: Database, leases: Collection[Lease]) -> set[Lease]:
    """Those of the leases that no longer hold, in three queries for all of them."""
    sessions = {lease.session_id for lease in leases if lease.session_id}
    families = {lease.family_id for lease in leases if lease.family_id}
    people = {(lease.org_id, lease.user_id) for lease in leases}
    async with system(database) as session:
        alive = await session.scalars(
            select(WebSession.id).where(
                WebSession.id.in_(sessions), WebSession.revoked_at.is_(None)
            )
        )
        dead = await session.scalars(
            select(RefreshToken.family_id).where(
                RefreshToken.family_id.in_(families), RefreshToken.revoked_at.is_not(None)
            )
        )
        members = await session.execute(
            select(Membership.org_id, Membership.user_id).where(
                tuple_(Membership.org_id, Membership.user_id).in_(people)
            )
        )
        holding = _Holding(
            set(alive), set(dead), {(org_id, user_id) for org_id, user_id in members}
        )
    return {lease for lease in leases if not holding.holds(lease)}


class _Holding:
    def __init__(
        self, sessions: set[UUID], dead_families: set[UUID], members: set[tuple[UUID, UUID]]
    ) -> None:
        self._sessions = sessions
        self._dead_families = dead_families
        self._members = members

    def holds(self, lease: Lease) -> bool:
        return (
            lease.expires_at > now()
            and (lease.session_id is None or lease.session_id in self._sessions)
            and lease.family_id not in self._dead_families
            and (lease.org_id, lease.user_id) in self._members
        )
