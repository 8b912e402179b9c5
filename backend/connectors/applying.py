"""Applies events that came in by webhook: reads what they are about anew at the source and keeps that.

So neither their order nor their number matters. Whatever fails is kept with its error and tried again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.base import UpstreamRateLimitedError, UpstreamUnreachableError
from backend.connectors.hooks import Notice, Touched
from backend.connectors.refreshing import Source, refresh
from backend.connectors.registry import Connectors
from backend.connectors.sync import opened
from backend.connectors.webhook_models import InboundEvent
from backend.connectors.webhooks import body_purpose
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import AppError
from backend.core.ids import ConnectionId, InboundEventId, OrgId, RecordId
from tenancy.context import TenantContext
from tenancy.session import tenant

MOST_ATTEMPTS = 20
_BATCH = 50
_LONGEST_PAUSE = 600
_AWAY = (UpstreamUnreachableError, UpstreamRateLimitedError)


@dataclass(frozen=True, slots=True)
class Applied:
    """An event and the records, by kind, that it was about. ``cause``: the idempotency key behind it."""

    event_id: InboundEventId
    kind: str
    cause: str | None
    records: Mapping[str, RecordId]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is left: ``more`` at once, or else the next in so many seconds, or nothing."""

    more: bool
    retry_in: float | None = None


Then: TypeAlias = Callable[[AsyncSession, Applied], Awaitable[None]]


async def apply_due(
    database: Database,
    connectors: Connectors,
    context: TenantContext,
    connection_id: ConnectionId,
    then: Then,
) -> Backlog:
    """Apply the oldest events that are due. ``then`` is called in the transaction that notes one as applied."""
    async with tenant(database, context) as session:
        due = await _due(session, connection_id)
    if due:
        async with opened(database, connectors, context, connection_id) as (connection, adapter):
            work = _Work(Source(database, context, connection, adapter), connectors, then)
            for event in due:
                if pause := await work.apply(event):
                    return Backlog(more=False, retry_in=pause)
    if len(due) == _BATCH:
        return Backlog(more=True)
    return await _backlog(database, context, connection_id)


@dataclass(frozen=True, slots=True)
class _Work:
    """One batch. All of its events had come in before anything was read: reading an object once suffices."""

    source: Source
    connectors: Connectors
    then: Then
    kept: dict[Touched, Mapping[str, RecordId]] = field(default_factory=dict)

    async def apply(self, event: InboundEvent) -> float | None:
        """Apply one event, or note why that failed. Seconds to wait when the source itself does not answer now."""
        database, context = self.source.database, self.source.context
        try:
            notice = self._notice(event)
            records = await self._records(notice)
            async with tenant(database, context) as session:
                await self._note(session, event, notice, records)
        except AppError as error:
            async with tenant(database, context) as session:
                pause = await _note_failure(session, event, error)
            return pause if isinstance(error, _AWAY) else None
        return None

    def _notice(self, event: InboundEvent) -> Notice:
        purpose = body_purpose(OrgId(event.org_id), ConnectionId(event.connection_id))
        body = self.connectors.keys.open(purpose, event.body)
        return self.connectors.hooks[self.source.connection.vendor].read(body)

    async def _records(self, notice: Notice) -> Mapping[str, RecordId]:
        touched = notice.touched
        if touched is None:
            return {}
        if touched not in self.kept:
            self.kept[touched] = await refresh(self.source, touched)
        return self.kept[touched]

    async def _note(
        self,
        session: AsyncSession,
        event: InboundEvent,
        notice: Notice,
        records: Mapping[str, RecordId],
    ) -> None:
        row = await _lock(session, event)
        if row is None:
            return
        await self.then(session, Applied(InboundEventId(row.id), row.kind, notice.cause, records))
        row.state = "applied" if notice.touched else "ignored"
        row.attempts, row.applied_at = row.attempts + 1, now()
        row.error, row.next_try_at = None, None


async def _due(session: AsyncSession, connection_id: ConnectionId) -> list[InboundEvent]:
    rows = await session.scalars(
        select(InboundEvent)
        .where(
            InboundEvent.connection_id == connection_id,
            InboundEvent.state == "waiting",
            or_(InboundEvent.next_try_at.is_(None), InboundEvent.next_try_at <= now()),
        )
        .order_by(InboundEvent.id)
        .limit(_BATCH)
    )
    return list(rows)


async def _lock(session: AsyncSession, event: InboundEvent) -> InboundEvent | None:
    """The event's row, unless somebody else has applied it meanwhile."""
    return await session.scalar(
        select(InboundEvent)
        .where(InboundEvent.id == event.id, InboundEvent.state == "waiting")
        .with_for_update()
    )


async def _note_failure(session: AsyncSession, event: InboundEvent, error: AppError) -> float:
    """Keep the error and when to try again; in how many seconds that is."""
    asked = error.extra.get("retry_after")
    pause = float(min(2 ** (event.attempts + 1), _LONGEST_PAUSE))
    if isinstance(asked, int | float):
        pause = max(pause, float(asked))
    row = await _lock(session, event)
    if row is not None:
        row.attempts, row.error = row.attempts + 1, error.message
        row.next_try_at = now() + timedelta(seconds=pause)
        if row.attempts >= MOST_ATTEMPTS:
            row.state, row.next_try_at = "failed", None
    return pause


async def _backlog(
    database: Database, context: TenantContext, connection_id: ConnectionId
) -> Backlog:
    query = select(
        func.count(), func.min(func.coalesce(InboundEvent.next_try_at, func.now()))
    ).where(InboundEvent.connection_id == connection_id, InboundEvent.state == "waiting")
    async with tenant(database, context) as session:
        waiting, soonest = (await session.execute(query)).one()
    if not waiting:
        return Backlog(more=False)
    pause = (soonest - now()).total_seconds()
    return Backlog(more=pause <= 0, retry_in=max(pause, 0.0))
