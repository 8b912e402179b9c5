"""Shows people what came in by webhook, and lets them have an event applied again."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from backend.connectors.webhook_models import InboundEvent
from backend.connectors.webhooks import require_connection
from backend.core.errors import NotFoundError
from backend.core.ids import ConnectionId, InboundEventId
from tenancy.audit import AuditAction
from tenancy.changes import Change, WakeKind, Wakeup, record
from tenancy.context import Principal
from tenancy.permissions import Right


class InboundEventNotFoundError(NotFoundError):
    """Nothing like it has come in by this connection."""

    code = "inbound_event_not_found"


async def list_events(
    session: AsyncSession,
    principal: Principal,
    connection_id: ConnectionId,
    *,
    before: InboundEventId | None,
    limit: int,
) -> Sequence[InboundEvent]:
    """What came in, newest first, without the bodies. Needs ``connectors:read`` over the organization."""
    await require_connection(session, principal, Right.CONNECTORS_READ, connection_id)
    query = (
        select(InboundEvent)
        .where(InboundEvent.connection_id == connection_id)
        .options(defer(InboundEvent.body, raiseload=True))
        .order_by(InboundEvent.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(InboundEvent.id < before)
    return (await session.scalars(query)).all()


async def replay(
    session: AsyncSession,
    principal: Principal,
    connection_id: ConnectionId,
    event_id: InboundEventId,
) -> InboundEvent:
    """Have an event applied again, whatever became of it. Needs ``connectors:update`` over the organization."""
    await require_connection(session, principal, Right.CONNECTORS_UPDATE, connection_id)
    row = await session.scalar(
        select(InboundEvent)
        .where(InboundEvent.connection_id == connection_id, InboundEvent.id == event_id)
        .with_for_update()
    )
    if row is None:
        raise InboundEventNotFoundError("no such event has come in by this connection")
    row.state, row.attempts, row.error, row.next_try_at = "waiting", 0, None, None
    wake = Wakeup(WakeKind.APPLY_EVENTS, connection_id)
    details = {"kind": row.kind, "source_event_id": row.source_event_id}
    audit = AuditAction.INBOUND_EVENT_REPLAYED
    record(session, Change(row.id, audit=audit, details=details, wake=wake))
    return row
