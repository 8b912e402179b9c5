"""Undoing what was executed: a run of its own proposes the inverse action, and that goes through the same gates."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.actions import Inverse
from backend.connectors.registry import Connectors
from backend.core.errors import ConflictError, InvalidInputError
from backend.core.ids import ProposalId, RunId, new_uuid
from backend.proposals import repository
from backend.proposals.effects import effect_of
from backend.proposals.models import ProposalTable
from backend.proposals.policy import Refusal, cannot_ask_undo
from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView
from backend.runs.models import RunRow
from backend.runs.service import UNDOES, RunState, load_run
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, WakeKind, Wakeup, record
from tenancy.context import Principal
from tenancy.members import names_of
from tenancy.permissions import Right, authorize

REASON = "reason"
_UNDER_WAY = (ExecutionState.QUEUED, ExecutionState.EXECUTING, ExecutionState.UNKNOWN)


class CannotUndoError(ConflictError):
    """There is no inverse, or somebody is about to undo it already."""

    code = "cannot_undo"


@dataclass(frozen=True, slots=True)
class Undo:
    """What a run undoes, and by what."""

    original: ProposalTable
    inverse: Inverse
    asked_by: str
    reason: str


async def cannot_undo(
    session: AsyncSession, connectors: Connectors, principal: Principal, view: ProposalView
) -> Refusal | None:
    """Why this person may not ask for the undo of a proposal now; None when they may."""
    if (refused := cannot_ask_undo(principal, view)) is not None:
        return refused
    action = connectors.action(view.row.action)
    if action.cannot_undo is not None:
        return CannotUndoError(f"this cannot be undone: {action.cannot_undo}")
    if await open_undo(session, ProposalId(view.row.id)) is not None:
        return CannotUndoError("its undo has been proposed already")
    return None


async def request_undo(
    session: AsyncSession,
    connectors: Connectors,
    principal: Principal,
    proposal_id: ProposalId,
    reason: str,
) -> RunId:
    """Queue a run that proposes the undo; the outbox starts it. Needs ``proposals:approve``.

    Raises: not found, permission denied (403), :class:`CannotUndoError` or not executed (409), no reason (422).
    """
    if not reason.strip():
        raise InvalidInputError("say why it is to be undone", field="reason")
    original = await repository.lock(session, proposal_id)
    view = await repository.get(session, authorize(principal, Right.PROPOSALS_READ), proposal_id)
    if (refused := await cannot_undo(session, connectors, principal, view)) is not None:
        raise refused
    made_by = await load_run(session, RunId(original.run_id))
    run = RunRow(
        org_id=original.org_id,
        id=new_uuid(),
        playbook_id=original.playbook_id,
        playbook_version=original.playbook_version,
        team_id=original.team_id,
        requested_by=principal.user_id,
        subject_kind=made_by.subject_kind,
        subject_id=original.target_record_id,
        state=RunState.QUEUED,
        inputs={UNDOES: str(proposal_id), REASON: reason.strip()},
        model=made_by.model,
    )
    session.add(run)
    await session.flush()
    record(
        session,
        Change(
            proposal_id,
            audit=AuditAction.PROPOSAL_UNDO_REQUESTED,
            event=EventKind.PROPOSAL_CHANGED,
            details={"run": str(run.id), "reason": reason.strip()},
        ),
    )
    record(
        session,
        Change(run.id, event=EventKind.RUN_CREATED, wake=Wakeup(WakeKind.START_UNDO_RUN, run.id)),
    )
    return RunId(run.id)


async def undo_of(session: AsyncSession, connectors: Connectors, run_id: RunId) -> Undo:
    """What a run was asked to undo. Raises :class:`CannotUndoError`."""
    run = await load_run(session, run_id)
    if run.undoes is None:
        raise CannotUndoError("this run undoes nothing")
    original = await repository.lock(session, run.undoes)
    action = connectors.action(original.action)
    effect = await effect_of(session, original)
    parameters = msgspec.convert(original.parameters, action.parameters)
    inverse = action.inverse(parameters, effect.vendor_object_id or "")
    if inverse is None or original.execution != ExecutionState.EXECUTED:
        raise CannotUndoError("it is not executed any more, or it has no inverse")
    names = await names_of(session, {run.requested_by})
    asked_by = names.get(run.requested_by, "Somebody")
    return Undo(original, inverse, asked_by, str(run.inputs[REASON]))


async def open_undo(session: AsyncSession, proposal_id: ProposalId) -> ProposalId | None:
    """The undo of a proposal that is undecided, under way or done."""
    table = ProposalTable
    going = (table.decision == DecisionState.PENDING) | table.execution.in_(
        (*_UNDER_WAY, ExecutionState.EXECUTED)
    )
    found = await session.scalar(select(table.id).where(table.undoes_id == proposal_id, going))
    return ProposalId(found) if found else None
