"""Wake-ups that wait for the workflow engine: which are due, delivered, failed. Taken by the relay alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Interval, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from tenancy.models.change import Outbox

_LONGEST_WAIT = 300  # seconds


async def take_due(session: AsyncSession, limit: int) -> Sequence[Outbox]:
    """The oldest undelivered wake-ups, locked; those that another relay holds are left out.

    One that failed ``n`` times waits until it is ``2**n`` seconds old, at most five minutes.
    """
    wait = func.least(func.power(2, Outbox.attempts), _LONGEST_WAIT)
    ripe = Outbox.created_at + wait * cast(literal("1 second"), Interval) <= func.now()
    found = await session.scalars(
        select(Outbox)
        .where(Outbox.delivered_at.is_(None), or_(Outbox.attempts == 0, ripe))
        .order_by(Outbox.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return found.all()


def mark_delivered(row: Outbox) -> None:
    """The engine knows of it."""
    row.delivered_at = now()


def mark_failed(row: Outbox) -> None:
    """The engine refused this one; it is tried again later."""
    row.attempts += 1


async def oldest_waiting(session: AsyncSession) -> datetime | None:
    """When the oldest wake-up was written that the engine does not know of yet; over all organizations."""
    undelivered = Outbox.delivered_at.is_(None)
    return await session.scalar(
        select(Outbox.created_at).where(undelivered).order_by(Outbox.id).limit(1)
    )
