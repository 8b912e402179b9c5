"""Wire types of what an organization uses of its tier."""

from datetime import datetime

from backend.schemas.common import Wire


class RateUse(Wire, frozen=True):
    """One rate limit: ``allowed`` requests in ``windowSeconds``, and what is left of them at this moment."""

    name: str
    allowed: int
    window_seconds: int
    remaining: int
    reset_seconds: int


class QuotaUse(Wire, frozen=True):
    """One quota; no ``allowed`` is no end. ``data`` is in bytes. ``warning``: 80, 90 or 100 per cent are reached."""

    quota: str
    used: int
    allowed: int | None
    warning: int | None


class Usage(Wire, frozen=True):
    """What the organization's tier allows, and what is used of it.

    ``calls`` are those of the present month, which ends at ``monthEndsAt``; ``users`` are members and open invitations.
    """

    tier: str
    month_ends_at: datetime
    rates: list[RateUse]
    quotas: list[QuotaUse]
