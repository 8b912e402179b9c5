"""What time itself does to a proposal that waits: a reminder, an escalation, and what silence means in the end."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import ProposalId
from backend.playbooks.policy import Policy, Silence
from backend.proposals import repository
from backend.proposals.models import ProposalTable
from backend.proposals.recording import announce, enter
from backend.proposals.settling import approve_by_policy, ask_also, policy_of
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.terms import read
from backend.proposals.transition import apply
from tenancy.audit import AuditAction
from tenancy.context import TenantContext
from tenancy.session import tenant


def begin_clock(row: ProposalTable, policy: Policy, began: datetime) -> None:
    """Set the moments of the policy, counted from ``began``."""
    row.remind_at = _after(began, policy.remind_after_seconds)
    row.escalate_at = _after(began, policy.escalate_after_seconds)
    row.due_at = _after(began, policy.due_seconds)


def next_moment(row: ProposalTable) -> datetime | None:
    """When time has something to do with a pending proposal; what was done has no moment any more."""
    return min((at for at in (row.remind_at, row.escalate_at, row.due_at) if at), default=None)


async def keep_time(database: Database, context: TenantContext, proposal_id: ProposalId) -> None:
    """Do everything that is due on a pending proposal. Doing it again does nothing."""
    async with tenant(database, context) as session:
        row, moment = await repository.lock(session, proposal_id), now()
        if row.decision != DecisionState.PENDING:
            return
        if row.due_at is not None and row.due_at <= moment:
            await _end(session, row)
            return
        if row.remind_at is not None and row.remind_at <= moment:
            row.remind_at, row.updated_at = None, moment
            await announce(session, row, AuditAction.PROPOSAL_REMINDED)
        if row.escalate_at is not None and row.escalate_at <= moment:
            row.escalate_at, row.escalated_at, row.updated_at = None, moment, moment
            ask_also(row, *(one.name for one in read(row.terms).escalated_to))
            await announce(session, row, AuditAction.PROPOSAL_ESCALATED)


async def give_back(database: Database, context: TenantContext, lost: timedelta) -> None:
    """Move every moment of what waits by the time in which nobody could decide: silence then would mean nothing."""
    table = ProposalTable
    waits = or_(
        table.decision == DecisionState.PENDING,
        and_(
            table.decision == DecisionState.APPROVED,
            table.execution == ExecutionState.QUEUED,
            table.dispatch_after.is_not(None),
        ),
    )
    moments = (table.remind_at, table.escalate_at, table.due_at, table.dispatch_after)
    async with tenant(database, context) as session:
        moved = {moment: moment + lost for moment in moments}
        await session.execute(update(table).where(waits).values({**moved, table.updated_at: now()}))


async def _end(session: AsyncSession, row: ProposalTable) -> None:
    policy = await policy_of(session, row)
    why = f"Nobody decided in time: {policy.on_silence}"
    match policy.on_silence:
        case Silence.APPROVE:
            await approve_by_policy(session, row, policy, why)
        case Silence.REJECT:
            apply(row, Standing(DecisionState.REJECTED, ExecutionState.NONE), Writer.DECISIONS)
            enter(session, row, "reject", None, reason=why)
            await announce(
                session, row, AuditAction.PROPOSAL_REJECTED, digest=row.digest, reason=why
            )
        case Silence.EXPIRE:
            apply(row, Standing(DecisionState.EXPIRED, ExecutionState.NONE), Writer.DECISIONS)
            await announce(session, row, AuditAction.PROPOSAL_EXPIRED, reason=why)


def _after(began: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else began + timedelta(seconds=seconds)
