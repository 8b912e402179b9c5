"""The one function through which everything visible changes: it takes audit, events and wake-ups together.

``record`` is called next to the state change; the session's door writes all of it in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import telemetry
from backend.core.clock import now
from backend.core.crypto import AuditKeys
from backend.core.db import audit_keys
from backend.core.ids import new_uuid
from tenancy.audit import AuditAction
from tenancy.auditing.chain import event_json, event_mac
from tenancy.context import TenantContext
from tenancy.models.change import AuditEvent, Event, EventCounter, Outbox

CHANNEL = "countersign_event"
OUTBOX_CHANNEL = "countersign_outbox"
_PENDING = "changes"
_AUDIT = insert(AuditEvent)


class EventKind(StrEnum):
    """What a listening client may hear of."""

    PROPOSAL_CREATED = "proposal.created"
    PROPOSAL_CHANGED = "proposal.changed"
    RUN_CREATED = "run.created"
    RUN_CHANGED = "run.changed"
    NOTIFICATION_CREATED = "notification.created"
    MEMBERSHIP_CHANGED = "membership.changed"


class WakeKind(StrEnum):
    """What the outbox asks of the workflow engine."""

    START_PLAYBOOK_RUN = "start_playbook_run"
    START_UNDO_RUN = "start_undo_run"
    WAKE_RUN = "wake_run"
    CANCEL_RUN = "cancel_run"
    TERMINATE_RUN = "terminate_run"
    APPLY_SCHEDULE = "apply_schedule"
    APPLY_EVENTS = "apply_events"


@dataclass(frozen=True, slots=True)
class Wakeup:
    """One message to the workflow engine; ``subject_id`` is the run, playbook or connection that it is about."""

    kind: WakeKind
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Change:
    """What one act means to others: who is told (events), what is kept (audit), what is woken (outbox)."""

    subject_id: UUID
    event: EventKind | None = None
    audit: AuditAction | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    wake: Wakeup | None = None


def record(session: AsyncSession, change: Change) -> None:
    """Announce a change of this transaction. Nothing is written before the end of the transaction."""
    session.sync_session.info.setdefault(_PENDING, []).append(change)


async def write_changes(session: AsyncSession, context: TenantContext) -> None:
    """Write what was announced; the event counter's row is locked last, so numbers commit in order."""
    changes: list[Change] = session.sync_session.info.pop(_PENDING, [])
    await write_audit(session, context, [c for c in changes if c.audit])
    await _write_outbox(session, context, [c.wake for c in changes if c.wake])
    await _write_events(session, context, [c for c in changes if c.event])


async def write_audit(
    session: AsyncSession, context: TenantContext, changes: Sequence[Change]
) -> None:
    """Write acts into the audit at once: for log-in and tokens, whose transactions belong to the system."""
    keys = audit_keys(session)
    rows = [_audited(keys, context, change) for change in changes]
    if rows:
        connection = await session.connection()  # the ORM would take a third of the time
        await connection.execute(_AUDIT, rows)


def _audited(keys: AuditKeys, context: TenantContext, change: Change) -> dict[str, Any]:
    key_id = keys.current
    by_key = {"api_key": context.key_prefix} if context.key_prefix else {}
    row = {
        "org_id": context.org_id,
        "id": new_uuid(),
        "at": now(),
        "actor_id": context.user_id,
        "channel": context.channel,
        "action": change.audit,
        "subject_id": change.subject_id,
        "details": {**change.details, **by_key},
        "request_id": context.request_id,
        "key_id": key_id,
    }
    mac = event_mac(keys, str(context.org_id), key_id, event_json(row))
    return row | {"mac": bytes.fromhex(mac)}


async def _write_outbox(
    session: AsyncSession, context: TenantContext, wakeups: list[Wakeup]
) -> None:
    rows = [
        {
            "id": new_uuid(),
            "org_id": context.org_id,
            "kind": wake.kind,
            "subject_id": wake.subject_id,
            "request_id": context.request_id,
            "traceparent": telemetry.traceparent(),
        }
        for wake in wakeups
    ]
    if rows:
        await session.execute(insert(Outbox), rows)
        await session.execute(
            select(text("pg_notify(:channel, '')")).params(channel=OUTBOX_CHANNEL)
        )


async def _write_events(
    session: AsyncSession, context: TenantContext, changes: list[Change]
) -> None:
    if not changes:
        return
    last = await session.scalar(
        update(EventCounter)
        .where(EventCounter.org_id == context.org_id)
        .values(last_seq=EventCounter.last_seq + literal(len(changes)))
        .returning(EventCounter.last_seq)
    )
    if last is None:
        raise LookupError(f"organization {context.org_id} has no event counter")
    first = last - len(changes) + 1
    rows = [
        {
            "org_id": context.org_id,
            "seq": first + i,
            "kind": change.event,
            "subject_id": change.subject_id,
        }
        for i, change in enumerate(changes)
    ]
    await session.execute(insert(Event), rows)
    payload = f"{context.org_id}|{first}|{last}"
    await session.execute(
        select(text("pg_notify(:channel, :payload)")).params(channel=CHANNEL, payload=payload)
    )
