"""Quotas of an organization's tier: whether there is room for one more, and how much of each is used.

What is counted belongs to other rooms, which pass the query that counts it.
"""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import ConflictError
from tenancy.models.organization import Organization
from tenancy.session import context_of
from tenancy.tiers import ALLOWANCES, Quota, Tier

WARNINGS = (100, 90, 80)
"""Per cent of a quota at which one is warned."""


class QuotaExceededError(ConflictError):
    """The tier has no room for one more; ``quota``, ``used`` and ``allowed`` say of what."""

    code = "quota_exceeded"

    def __init__(self, tier: Tier, use: "Use") -> None:
        super().__init__(
            f"the tier {tier} allows {use.allowed} {use.quota} and {use.used} are in use;"
            " remove one that is no longer needed, or ask for a higher tier",
            quota=use.quota,
            used=use.used,
            allowed=use.allowed,
            tier=tier,
        )


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota is used; ``allowed`` is ``None`` where there is no end."""

    quota: Quota
    used: int
    allowed: int | None

    @property
    def warning(self) -> int | None:
        """The highest of :data:`WARNINGS` that is reached."""
        if self.allowed is None:
            return None
        reached = (per_cent for per_cent in WARNINGS if 100 * self.used >= per_cent * self.allowed)
        return next(reached, None)


def use_of(tier: Tier, quota: Quota, used: int) -> Use:
    """So much of what the tier allows."""
    allowance = ALLOWANCES[tier]
    allowed = allowance.calls if quota is Quota.CALLS else allowance.quotas[quota]
    return Use(quota, used, allowed)


async def require_room(session: AsyncSession, quota: Quota, counting: Select[int]) -> None:
    """Raise :class:`QuotaExceededError` unless the session's organization may have one more.

    Call it just before the row is written: writers of one organization wait here for each other until they commit, so
    that of two at the same time only one takes the last place.
    """
    query = select(Organization.tier).where(Organization.id == context_of(session).org_id)
    held = await session.scalar(query.with_for_update(key_share=True))
    tier = Tier(held or Tier.FREE)
    use = use_of(tier, quota, await session.scalar(counting) or 0)
    if use.allowed is not None and use.used >= use.allowed:
        raise QuotaExceededError(tier, use)
