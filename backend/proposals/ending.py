"""Ends a run before its time, with everything that hangs on it: its children, and the proposals that wait for people.

All of it is written in one transaction; the outbox then ends the workflows. What is approved is never torn off.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import AppError, ConflictError, InvalidInputError, PermissionDeniedError
from backend.core.ids import ProposalId, RunId
from backend.proposals.models import ProposalTable
from backend.proposals.notifying import notify
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer
from backend.proposals.transition import apply
from backend.runs.closing import Way, close, going_on, lock_family
from backend.runs.facts import RunFacts
from backend.runs.models import RunRow
from backend.runs.repository import RunNotFoundError
from backend.runs.service import FINAL, RunEndedError, Step, add_step
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, record
from tenancy.context import Principal
from tenancy.permissions import Right, authorize, reach_of

LONGEST_REASON = 500
_WITHDRAWN = Standing(DecisionState.WITHDRAWN, ExecutionState.NONE)
_AUDIT = {
    Way.CANCEL: AuditAction.RUN_CANCELLED,
    Way.TERMINATE: AuditAction.RUN_TERMINATED,
}


class EffectUnderWayError(ConflictError):
    """Something that people have approved is being carried out in the name of the run."""

    code = "effect_under_way"


@dataclass(frozen=True, slots=True)
class EndInput:
    """How a run is to end and why; the reason is kept with the run."""

    way: Way
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidInputError("say why the run is to end", field="reason")
        if len(self.reason) > LONGEST_REASON:
            raise InvalidInputError(
                f"the reason has more than {LONGEST_REASON} characters", field="reason"
            )


async def end_run(
    session: AsyncSession, principal: Principal, run_id: RunId, given: EndInput
) -> None:
    """End the run and its children; their pending proposals are withdrawn. Needs ``runs:update``.

    Raises: not found outside of the person's reach, :class:`RunEndedError`, :class:`EffectUnderWayError`.
    """
    reach = authorize(principal, Right.RUNS_UPDATE)
    family = await lock_family(session, run_id)
    if not family or not reach.covers(owner=family[0].requested_by, team=family[0].team_id):
        raise RunNotFoundError("there is no such run in this organization")
    going = [row.id for row in family if row.state not in FINAL]
    open_proposals = await _lock_open(session, going)
    if (hindrance := _hindrance(going, open_proposals)) is not None:
        raise hindrance
    why = f"{given.way.done.capitalize()} by {principal.name}: {given.reason.strip()}"
    await _end(session, family, open_proposals, given.way, why)
    details = {"reason": given.reason.strip(), "runs": len(going), "withdrawn": len(open_proposals)}
    record(session, Change(run_id, audit=_AUDIT[given.way], details=details))


async def end_stopped(session: AsyncSession, run_id: RunId) -> ProposalId | None:
    """The engine has cancelled the run's workflow: write that down, unless somebody here has ended the run before.

    Gives the approved proposal that the run must see through all the same; children that have one are spared too.
    """
    family = await lock_family(session, run_id)
    open_proposals = await _lock_open(session, [row.id for row in family if row.state not in FINAL])
    approved = {row.run_id: row for row in open_proposals if row.decision != DecisionState.PENDING}
    if run_id in approved:
        return ProposalId(approved[run_id].id)
    if family[0].state in FINAL:
        return None
    ended = [row for row in family if row.id not in approved]
    pending = [row for row in open_proposals if row.run_id not in approved]
    await _end(session, ended, pending, Way.CANCEL, "Cancelled in the workflow engine")
    record(session, Change(run_id, audit=AuditAction.RUN_CANCELLED, details={"by": "engine"}))
    return None


async def cannot_end(session: AsyncSession, principal: Principal, run: RunFacts) -> AppError | None:
    """Why this person cannot end this run now; None when they can."""
    reach = reach_of(principal, Right.RUNS_UPDATE)
    if reach is None or not reach.covers(owner=run.requested_by, team=run.team_id):
        where = "" if reach is None else " at org"
        return PermissionDeniedError(
            f"this needs the permission {Right.RUNS_UPDATE}{where}",
            permission=str(Right.RUNS_UPDATE),
        )
    going = await going_on(session, RunId(run.id))
    found = await session.scalars(_open(going))
    return _hindrance(going, found.all())


async def _end(
    session: AsyncSession,
    runs: Sequence[RunRow],
    pending: Sequence[ProposalTable],
    way: Way,
    why: str,
) -> None:
    for row in pending:
        apply(row, _WITHDRAWN, Writer.DECISIONS)
        record(
            session,
            Change(
                row.id,
                event=EventKind.PROPOSAL_CHANGED,
                audit=AuditAction.PROPOSAL_WITHDRAWN,
                details={"digest": row.digest, "reason": why},
            ),
        )
        await notify(session, row, AuditAction.PROPOSAL_WITHDRAWN)
        summary = f"Withdrawn with the run: {row.sentence}"
        step = Step("wait", "wait", "decision", summary, row.created_at, now())
        await add_step(session, RunId(row.run_id), step)
    await close(session, runs, way, why)


def _hindrance(going: Collection[UUID], found: Collection[ProposalTable]) -> ConflictError | None:
    if not going:
        return RunEndedError("the run has ended")
    approved = sum(row.decision == DecisionState.APPROVED for row in found)
    if approved:
        what = "an approved change" if approved == 1 else f"{approved} approved changes"
        return EffectUnderWayError(
            f"{what} of this run must be carried out first; what still waits can be cancelled then"
        )
    return None


def _open(run_ids: Collection[UUID]) -> Select[ProposalTable]:
    """What hangs on runs that go on: undecided, or approved and not yet recorded as their outcome."""
    alive = (DecisionState.PENDING, DecisionState.APPROVED)
    return (
        select(ProposalTable)
        .where(ProposalTable.run_id.in_(run_ids), ProposalTable.decision.in_(alive))
        .order_by(ProposalTable.id)
    )


async def _lock_open(session: AsyncSession, run_ids: Collection[UUID]) -> Sequence[ProposalTable]:
    locked = _open(run_ids).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()
