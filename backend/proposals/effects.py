"""The one effect of an approved proposal: claimed once, sent under its own id as key, read back before any retry.

The effect row is committed before anything is sent. What cannot be known becomes ``unknown`` and asks a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository as records
from backend.connectors.actions import FieldChange
from backend.connectors.base import Outcome, UpstreamNotFoundError, VendorRequest
from backend.connectors.models import Connection
from backend.connectors.records import Record
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.errors import ConflictError, UpstreamRejectedError
from backend.core.ids import ConnectionId, ProposalId, new_uuid
from backend.proposals import repository
from backend.proposals.drift import drift, gone, read_live
from backend.proposals.models import EffectTable, ProposalTable
from backend.proposals.rechecks import broken_rules, broken_seal, revoked_signatures
from backend.proposals.recording import announce
from backend.proposals.settling import mark_stale
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.transition import apply, standing_of
from tenancy.audit import AuditAction
from tenancy.context import TenantContext
from tenancy.session import tenant

RESEND_WITHIN = timedelta(hours=20)
"""Stripe may forget an idempotency key after 24 h; with this margin a key is never sent again too late."""

_QUEUED = Standing(DecisionState.APPROVED, ExecutionState.QUEUED)
_UNDER_WAY = Standing(DecisionState.APPROVED, ExecutionState.EXECUTING)
_ENDS = {
    ExecutionState.EXECUTED: (AuditAction.EFFECT_CONFIRMED, "confirmed"),
    ExecutionState.FAILED: (AuditAction.EFFECT_FAILED, "failed"),
    ExecutionState.UNKNOWN: (AuditAction.EFFECT_UNKNOWN, "unknown"),
}


class HeldError(ConflictError):
    """The hold after the approval is not over yet."""

    code = "held"


@dataclass(frozen=True, slots=True)
class Stands:
    """What a run needs to know of its proposal when it wakes."""

    decision: DecisionState
    execution: ExecutionState
    dispatch_after: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Order:
    """An effect with all that sending it or reading it back takes."""

    effect: EffectTable
    row: ProposalTable
    connection: Connection

    @property
    def key(self) -> str:
        return str(self.effect.id)


async def stands(database: Database, context: TenantContext, proposal_id: ProposalId) -> Stands:
    """The proposal as it stands now."""
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
        state = standing_of(row)
        return Stands(state.decision, state.execution, row.dispatch_after, row.due_at)


async def claim(
    database: Database, connectors: Connectors, context: TenantContext, proposal_id: ProposalId
) -> Stands:
    """Check rights, digest and live record again and commit the intent; a difference makes the proposal stale.

    Claiming again gives the same effect. Raises :class:`HeldError` during the hold.
    """
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
    if standing_of(row) == _QUEUED:
        try:
            live = await read_live(database, connectors, context, row)
        except UpstreamNotFoundError:
            live = None
        async with tenant(database, context) as session:
            row = await repository.lock(session, proposal_id)
            if standing_of(row) == _QUEUED:
                await _claim(session, connectors, row, live)
    return await stands(database, context, proposal_id)


async def carry_out(
    database: Database, connectors: Connectors, context: TenantContext, proposal_id: ProposalId
) -> ExecutionState:
    """Send the claimed effect, or find out what an earlier attempt has done.

    Returns the final state. Raises an ``UpstreamError`` while it is not known: call again, it reads back first.
    """
    order = await _order(database, context, proposal_id)
    if order.row.execution != ExecutionState.EXECUTING:
        return ExecutionState(order.row.execution)
    action = connectors.action(order.row.action)
    async with connectors.open(order.connection) as adapter:
        if order.effect.dispatched_at is not None:
            sent = order.effect.dispatched_at
            found = await action.read_back(adapter, order.row.target_source_id, order.key, sent)
            if found is not None:
                return await _finish(database, context, proposal_id, outcome=found)
            if now() - sent > RESEND_WITHIN:
                return await lose_sight(database, context, proposal_id, "no trace after 20 hours")
        else:
            await _mark_dispatched(database, context, proposal_id)
        request = VendorRequest(order.effect.method, order.effect.path, order.effect.body)
        try:
            outcome = await adapter.send(request, order.key)
        except (UpstreamRejectedError, UpstreamNotFoundError) as refused:
            return await _finish(database, context, proposal_id, error=refused.message)
    return await _finish(database, context, proposal_id, outcome=outcome)


async def lose_sight(
    database: Database, context: TenantContext, proposal_id: ProposalId, why: str
) -> ExecutionState:
    """Give up knowing: executing becomes unknown, and a person is asked."""
    return await _end(database, context, proposal_id, ExecutionState.UNKNOWN, error=why)


async def settle(
    session: AsyncSession,
    row: ProposalTable,
    state: ExecutionState,
    *,
    outcome: Outcome | None = None,
    error: str | None = None,
) -> EffectTable:
    """Write how the effect of a locked proposal has ended; announcing it is the caller's part."""
    effect = await effect_of(session, row)
    apply(row, Standing(DecisionState.APPROVED, state), Writer.EFFECTS)
    _, effect.state = _ENDS[state]
    effect.finished_at = now()
    effect.error = error
    if outcome is not None:
        effect.vendor_object_id, effect.vendor_object_url = outcome.object_id, outcome.url
    if row.undoes_id is not None and state is ExecutionState.EXECUTED:
        await _mark_undone(session, ProposalId(row.undoes_id), row)
    return effect


async def _mark_undone(session: AsyncSession, proposal_id: ProposalId, by: ProposalTable) -> None:
    original = await repository.lock(session, proposal_id)
    apply(original, Standing(DecisionState.APPROVED, ExecutionState.UNDONE), Writer.EFFECTS)
    await announce(
        session, original, AuditAction.PROPOSAL_UNDONE, reason=by.summary, undo=str(by.id)
    )


async def effect_of(session: AsyncSession, row: ProposalTable) -> EffectTable:
    """The effect of a proposal; a conflict where none was claimed."""
    effect = await session.scalar(select(EffectTable).where(EffectTable.proposal_id == row.id))
    if effect is None:
        raise ConflictError("this proposal has no claimed effect")
    return effect


async def _claim(
    session: AsyncSession, connectors: Connectors, row: ProposalTable, live: Record | None
) -> None:
    if row.dispatch_after is not None and row.dispatch_after > now():
        raise HeldError("the hold after the approval is not over yet")
    action = connectors.action(row.action)
    differences: list[FieldChange] = [gone(row)] if live is None else drift(action, row, live)
    differences += broken_seal(row) + await revoked_signatures(session, row)
    if live is not None and not differences:
        differences += await broken_rules(session, connectors, row, live)
    if differences or live is None:
        await mark_stale(session, row, differences, Writer.EFFECTS)
        return
    effect_id = new_uuid()
    parameters = msgspec.convert(row.parameters, action.parameters)
    request = action.request(live, parameters, str(effect_id))
    session.add(
        EffectTable(
            org_id=row.org_id,
            id=effect_id,
            proposal_id=row.id,
            state="intended",
            method=request.method,
            path=request.path,
            body=request.body,
        )
    )
    apply(row, _UNDER_WAY, Writer.EFFECTS)
    await announce(session, row, AuditAction.EFFECT_CLAIMED)


async def _order(database: Database, context: TenantContext, proposal_id: ProposalId) -> _Order:
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
        effect = await effect_of(session, row)
        connection = await records.connection(session, ConnectionId(row.connection_id))
    return _Order(effect, row, connection)


async def _mark_dispatched(
    database: Database, context: TenantContext, proposal_id: ProposalId
) -> None:
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
        effect = await effect_of(session, row)
        effect.state = "dispatched"
        effect.dispatched_at = now()
        await announce(session, row, AuditAction.EFFECT_DISPATCHED)


async def _finish(
    database: Database,
    context: TenantContext,
    proposal_id: ProposalId,
    *,
    outcome: Outcome | None = None,
    error: str | None = None,
) -> ExecutionState:
    state = ExecutionState.EXECUTED if outcome else ExecutionState.FAILED
    return await _end(database, context, proposal_id, state, outcome=outcome, error=error)


async def _end(
    database: Database,
    context: TenantContext,
    proposal_id: ProposalId,
    state: ExecutionState,
    *,
    outcome: Outcome | None = None,
    error: str | None = None,
) -> ExecutionState:
    async with tenant(database, context) as session:
        row = await repository.lock(session, proposal_id)
        if row.execution != state:
            ended = await settle(session, row, state, outcome=outcome, error=error)
            audit, _ = _ENDS[state]
            await announce(session, row, audit, effect=str(ended.id), error=error)
        return state
