"""Says which open streams must end.

Their session, token family or API key is over, the person is no member any more, or the organization is suspended.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, tuple_

from backend.core.clock import now
from backend.core.db import Database
from tenancy.apikeys import is_alive
from tenancy.models.organization import Membership, Organization, RefreshToken, WebSession
from tenancy.principals import Lease
from tenancy.session import system
from tenancy.status import Status


async def ended(database: Database, leases: Collection[Lease]) -> set[Lease]:
    """Those of the leases that no longer hold, in four queries for all of them."""
    sessions = {lease.session_id for lease in leases if lease.session_id}
    families = {lease.family_id for lease in leases if lease.family_id}
    prefixes = {lease.key_prefix for lease in leases if lease.key_prefix}
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
        keys = await session.scalars(is_alive(prefixes))
        members = await session.execute(
            select(Membership.org_id, Membership.user_id)
            .join(Organization, Organization.id == Membership.org_id)
            .where(
                tuple_(Membership.org_id, Membership.user_id).in_(people),
                Organization.status == Status.ACTIVE,
            )
        )
        holding = _Holding(
            set(alive),
            set(dead),
            set(keys),
            {(org_id, user_id) for org_id, user_id in members},
        )
    return {lease for lease in leases if not holding.holds(lease)}


class _Holding:
    def __init__(
        self,
        sessions: set[UUID],
        dead_families: set[UUID],
        keys: set[str],
        members: set[tuple[UUID, UUID]],
    ) -> None:
        self._sessions = sessions
        self._dead_families = dead_families
        self._keys = keys
        self._members = members

    def holds(self, lease: Lease) -> bool:
        return (
            lease.expires_at > now()
            and (lease.session_id is None or lease.session_id in self._sessions)
            and lease.family_id not in self._dead_families
            and (lease.key_prefix is None or lease.key_prefix in self._keys)
            and (lease.org_id, lease.user_id) in self._members
        )
