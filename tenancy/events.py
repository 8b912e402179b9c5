"""Reads the events of the session's organization from the table, by their gap-free numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy.changes import EventKind
from tenancy.models.change import Event, EventCounter
from tenancy.session import context_of


@dataclass(frozen=True, slots=True)
class Happened:
    """One event: what kind of change, to what."""

    seq: int
    kind: EventKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers of the events that are kept; ``first`` is ``last + 1`` when there are none."""

    first: int
    last: int


async def span(session: AsyncSession) -> Span:
    """Which events are kept at this moment."""
    org_id = context_of(session).org_id
    last = select(EventCounter.last_seq).where(EventCounter.org_id == org_id).scalar_subquery()
    first = select(func.min(Event.seq)).where(Event.org_id == org_id).scalar_subquery()
    oldest, newest = (await session.execute(select(first, last))).one()
    return Span(oldest or newest + 1, newest)


async def after(
    session: AsyncSession, seq: int, *, limit: int, until: int | None = None
) -> Sequence[Happened]:
    """The next events after ``seq`` in order, none behind ``until``."""
    query = select(Event).where(Event.org_id == context_of(session).org_id, Event.seq > seq)
    if until is not None:
        query = query.where(Event.seq <= until)
    rows = await session.scalars(query.order_by(Event.seq).limit(limit))
    return [Happened(row.seq, EventKind(row.kind), row.subject_id) for row in rows]
