"""Requests runs, keeps their state and trace, and reads them. Starting and waking the workflow is the caller's."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import ConflictError, PermissionDeniedError
from backend.core.ids import (
    OrgId,
    PlaybookId,
    ProposalId,
    RecordId,
    RunId,
    TeamId,
    UserId,
    new_uuid,
)
from backend.playbooks.candidates import SOURCES, Source
from backend.playbooks.service import get_playbook
from backend.playbooks.triggers import TriggerKind
from backend.runs.budget_ledger import costs_nothing, release
from backend.runs.models import RunRow, RunStepRow
from backend.runs.repository import RunNotFoundError
from tenancy.audit import AuditAction
from tenancy.changes import Change, EventKind, WakeKind, Wakeup, record
from tenancy.context import Principal
from tenancy.permissions import Right, authorize
from tenancy.status import OrganizationSuspendedError, Status
from tenancy.teams import primary_team

UNDOES = "undoes"
"""The input of a run that undoes an executed proposal: its id."""


class RunState(StrEnum):
    """Where a run stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    EXECUTING = "executing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED})


class RunEndedError(ConflictError):
    """The run is over: nothing more is done in its name."""

    code = "run_ended"


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What narrows a run; each playbook takes some of it: how late at least, how many at most; or one record alone."""

    min_days_overdue: int | None = None
    max_invoices: int | None = None
    record_id: RecordId | None = None
    max_pairs: int | None = None

    @property
    def given(self) -> dict[str, int | None]:
        """What was said, apart from the record."""
        said = {
            "min_days_overdue": self.min_days_overdue,
            "max_invoices": self.max_invoices,
            "max_pairs": self.max_pairs,
        }
        return {name: value for name, value in said.items() if value is not None}

    def kept(self, source: Source) -> dict[str, object]:
        """As it is stored and audited. Raises :class:`InvalidInputError` for what the source does not take."""
        alone = {} if self.record_id is None else {"record_id": str(self.record_id)}
        return {**source.accept(self.given), **alone}


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the engine needs it."""

    org_id: OrgId
    id: RunId
    playbook_id: PlaybookId
    playbook_version: int
    parent_run_id: RunId | None
    team_id: TeamId | None
    requested_by: UserId
    subject_kind: str
    subject_id: RecordId | None
    target_id: RecordId | None
    state: RunState
    inputs: Mapping[str, object]
    model: str

    @property
    def undoes(self) -> ProposalId | None:
        """The executed proposal that the run is to undo, if that is what it is for."""
        undone = self.inputs.get(UNDOES)
        return None if undone is None else ProposalId(UUID(str(undone)))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trace; writing the same ``key`` again replaces it and counts its tokens once."""

    key: str
    kind: str
    name: str
    summary: str
    started_at: datetime
    finished_at: datetime | None
    state: str = "done"
    input_tokens: int = 0
    output_tokens: int = 0


async def request_run(
    session: AsyncSession,
    principal: Principal,
    playbook_id: PlaybookId,
    inputs: RunInputs,
    *,
    trigger: TriggerKind = TriggerKind.MANUAL,
) -> Run:
    """Queue a run of the playbook for the principal; the outbox starts it. Needs ``runs:create`` for its team.

    The run belongs to the principal's primary team. Raises :class:`InvalidInputError` for inputs that the playbook
    does not take, and :class:`OrganizationSuspendedError`.
    """
    if principal.status is Status.SUSPENDED:
        raise OrganizationSuspendedError
    team_id = await team_of_runs(session, principal)
    playbook = await get_playbook(session, playbook_id)
    accepted = inputs.kept(SOURCES[playbook.definition.candidates])
    row = RunRow(
        org_id=principal.org_id,
        id=new_uuid(),
        playbook_id=playbook.id,
        playbook_version=playbook.version,
        team_id=team_id,
        requested_by=principal.user_id,
        state=RunState.QUEUED,
        inputs=accepted,
        model=playbook.definition.model,
    )
    session.add(row)
    await session.flush()
    record(
        session,
        Change(
            row.id,
            event=EventKind.RUN_CREATED,
            audit=AuditAction.RUN_REQUESTED,
            details={
                "playbook": playbook.slug,
                "version": playbook.version,
                "trigger": trigger,
                "requested_by": str(principal.user_id),
                **accepted,
            },
            wake=Wakeup(WakeKind.START_PLAYBOOK_RUN, row.id),
        ),
    )
    return _run(row)


async def team_of_runs(session: AsyncSession, principal: Principal) -> TeamId | None:
    """The principal's primary team, which runs of theirs belong to. Raises 403 where they may not create any there."""
    reach = authorize(principal, Right.RUNS_CREATE)
    team_id = await primary_team(session, principal.user_id)
    if not reach.touches(team_id):
        raise PermissionDeniedError(
            f"you have {Right.RUNS_CREATE} in another team than the one that your runs belong to",
            permission=str(Right.RUNS_CREATE),
        )
    return team_id


async def open_child(
    session: AsyncSession,
    parent_run_id: RunId,
    subject_id: RecordId,
    *,
    kind: str = "invoice",
    target_id: RecordId | None = None,
) -> Run:
    """The child run of a parent for one record; asking again gives the same one.

    ``target_id`` is what it would change, where that is another record of the same ``kind``.
    Raises :class:`RunEndedError` when the parent has ended.
    """
    known = await session.scalar(
        select(RunRow).where(RunRow.parent_run_id == parent_run_id, RunRow.subject_id == subject_id)
    )
    if known is not None:
        return _run(known)
    parent = await hold(session, parent_run_id)
    child = RunRow(
        org_id=parent.org_id,
        id=new_uuid(),
        playbook_id=parent.playbook_id,
        playbook_version=parent.playbook_version,
        parent_run_id=parent.id,
        team_id=parent.team_id,
        requested_by=parent.requested_by,
        subject_kind=kind,
        subject_id=subject_id,
        target_id=target_id,
        state=RunState.QUEUED,
        inputs={},
        model=parent.model,
    )
    session.add(child)
    await session.flush()
    return _run(child)


async def load_run(session: AsyncSession, run_id: RunId) -> Run:
    """One run for the engine. Raises :class:`RunNotFoundError`."""
    return _run(await _row(session, run_id))


async def hold(session: AsyncSession, run_id: RunId) -> RunRow:
    """The run's row, locked, while it goes on: nobody ends it before this transaction is over.

    Raises :class:`RunEndedError`.
    """
    row = await _row(session, run_id, lock=True)
    if row.state in FINAL:
        raise RunEndedError(f"the run is {row.state} already")
    return row


async def begin(session: AsyncSession, run_id: RunId) -> None:
    """The workflow takes the run up, perhaps again. Raises :class:`RunEndedError` when it was ended before."""
    await hold(session, run_id)
    await set_state(session, run_id, RunState.RUNNING)


async def set_state(
    session: AsyncSession,
    run_id: RunId,
    state: RunState,
    *,
    outcome: str | None = None,
    error: str | None = None,
) -> bool:
    """Move a run on and say whether it moved. A final state is kept, and gives back what the run's budget holds.

    Listeners hear of the run itself or of its parent.
    """
    row = await _row(session, run_id, lock=True)
    if row.state in FINAL or (row.state == state and outcome is None and error is None):
        return False
    if state in FINAL and not costs_nothing(row.model):
        await release(session, [row.id])
    row.state = state
    row.proposed = row.proposed or state is RunState.WAITING
    row.outcome = outcome or row.outcome
    row.error = error or row.error
    row.finished_at = now() if state in FINAL else None
    record(session, Change(row.parent_run_id or row.id, event=EventKind.RUN_CHANGED))
    return True


async def add_step(session: AsyncSession, run_id: RunId, step: Step) -> None:
    """Write one step of the trace; the same key is written once.

    A model step counts with its tokens, and as a call unless it has failed.
    """
    row = await _row(session, run_id)
    values = {"org_id": row.org_id, "run_id": row.id, **asdict(step)}
    written = await session.scalar(
        insert(RunStepRow)
        .values(values)
        .on_conflict_do_nothing(index_elements=["org_id", "run_id", "key"])
        .returning(RunStepRow.key)
    )
    if written is None or step.kind != "model":
        return
    ids: list[UUID] = [row.id, *([row.parent_run_id] if row.parent_run_id else [])]
    await session.execute(
        update(RunRow)
        .where(RunRow.org_id == row.org_id, RunRow.id.in_(ids))
        .values(
            input_tokens=RunRow.input_tokens + step.input_tokens,
            output_tokens=RunRow.output_tokens + step.output_tokens,
            model_calls=RunRow.model_calls + int(step.state != "failed"),
        )
    )


async def _row(session: AsyncSession, run_id: UUID, *, lock: bool = False) -> RunRow:
    query = select(RunRow).where(RunRow.id == run_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        raise RunNotFoundError("there is no such run in this organization")
    return row


def _run(row: RunRow) -> Run:
    return Run(
        org_id=OrgId(row.org_id),
        id=RunId(row.id),
        playbook_id=PlaybookId(row.playbook_id),
        playbook_version=row.playbook_version,
        parent_run_id=RunId(row.parent_run_id) if row.parent_run_id else None,
        team_id=TeamId(row.team_id) if row.team_id else None,
        requested_by=UserId(row.requested_by),
        subject_kind=row.subject_kind,
        subject_id=RecordId(row.subject_id) if row.subject_id else None,
        target_id=RecordId(row.target_id) if row.target_id else None,
        state=RunState(row.state),
        inputs=row.inputs,
        model=row.model,
    )
