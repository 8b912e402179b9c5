"""Wire types of runs and their steps."""

from datetime import datetime

from backend.schemas.common import Cost, Person, Wire
from backend.schemas.proposals import ProposalRow


class RunCounts(Wire, frozen=True):
    """How the children of a playbook run stand."""

    candidates: int
    working: int
    proposed: int
    nothing_to_do: int
    failed: int
    cancelled: int = 0


class RunRow(Wire, frozen=True):
    """One run in a list. ``state``: queued, running, waiting, executing, completed, failed, cancelled."""

    id: str
    playbook_id: str
    playbook: str
    playbook_version: int
    state: str
    outcome: str | None
    requested_by: Person
    parent_run_id: str | None
    counts: RunCounts
    cost: Cost
    created_at: datetime
    finished_at: datetime | None


class RunStep(Wire, frozen=True):
    """One step of the trace.

    ``kind``: plan, read, model, tool, draft, verify, propose, wait, execute, record, or retry: a step of the engine had
    to be tried again, after a failure or because its worker was lost.
    """

    seq: int
    kind: str
    name: str
    state: str
    summary: str
    started_at: datetime
    finished_at: datetime | None
    input_tokens: int
    output_tokens: int


class RunDetail(RunRow, frozen=True):
    """A run with its trace, its proposals and (for a playbook run) its children."""

    workflow_id: str
    inputs: dict[str, object]
    error: str | None
    steps: list[RunStep]
    proposals: list[ProposalRow]
    children: list[RunRow]
    can_cancel: bool = False
    cannot_cancel_reason: str | None = None


class RunEnd(Wire, frozen=True):
    """Why a run is to end before its time."""

    reason: str


class TraceSpan(Wire, frozen=True):
    """One stretch of time in a run. ``kind``: run, attempt, or a kind of step.

    ``attempt`` counts corrections from 1. ``duration_ms`` is absent while it lasts. A child run has its own trace.
    """

    id: str
    parent_id: str | None
    run_id: str
    kind: str
    name: str
    state: str
    summary: str
    started_at: datetime
    offset_ms: float
    duration_ms: float | None
    attempt: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0


class RunTrace(Wire, frozen=True):
    """A run on a time axis: flat spans in order of time, their offsets counted from ``started_at``."""

    run_id: str
    state: str
    started_at: datetime
    duration_ms: float | None
    cost: Cost
    spans: list[TraceSpan]
