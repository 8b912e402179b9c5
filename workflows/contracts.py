"""What crosses Temporal: workflow ids and frozen dataclasses. One in, one out; new fields only with defaults."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from backend.core.ids import ConnectionId, OrgId, PlaybookId, ProposalId, QuestionId, RunId, UserId

WAKE = "wake"
SETTLED = "settled"


class Process(StrEnum):
    """The workflows by name; the names live in histories and never change."""

    PLAYBOOK_RUN = "playbook_run"
    AGENT_RUN = "agent_run"
    CONNECTOR_SYNC = "connector_sync"
    SCHEDULED_RUN = "scheduled_run"
    CONNECTOR_EVENTS = "connector_events"


def workflow_id(process: Process, org_id: OrgId, key: UUID) -> str:
    """``process/org/key``. The tenant of every payload and activity is read from it."""
    return f"{process}/{org_id}/{key}"


def schedule_id(org_id: OrgId, playbook_id: PlaybookId) -> str:
    """The one schedule of a playbook. What it starts has its time added to a workflow id of ours."""
    return f"schedule/{org_id}/{playbook_id}"


def organization_of(workflow_id: str) -> OrgId:
    """The organization in a workflow id. Raises ``ValueError`` when it names none."""
    parts = workflow_id.split("/")
    if len(parts) < 3:  # noqa: PLR2004 - process, organization, key
        raise ValueError(f"workflow id {workflow_id!r} is not process/org/key")
    return OrgId(UUID(parts[1]))


def run_of(workflow_id: str) -> RunId | None:
    """The run that a workflow carries out; None when it is another process's."""
    process, _, key = workflow_id.split("/")[:3]
    carries_out = process in (Process.PLAYBOOK_RUN, Process.AGENT_RUN)
    return RunId(UUID(key)) if carries_out else None


@dataclass(frozen=True)
class OrganizationRef:
    """The organization that a workflow waits for."""

    org_id: OrgId


@dataclass(frozen=True)
class PlaybookRunInput:
    """``after``: the last child of the page before, when the workflow continues as new."""

    org_id: OrgId
    run_id: RunId
    after: RunId | None = None


@dataclass(frozen=True)
class ScheduledRunInput:
    """The playbook whose time has come; which time is read from the workflow's id."""

    org_id: OrgId
    playbook_id: PlaybookId


@dataclass(frozen=True)
class SyncInput:
    """The connection to bring up to date."""

    org_id: OrgId
    connection_id: ConnectionId


@dataclass(frozen=True)
class EventsInput:
    """The connection whose events are to be applied."""

    org_id: OrgId
    connection_id: ConnectionId


@dataclass(frozen=True)
class EventsLeft:
    """What a batch has left behind: ``more`` at once, or else the next in so many seconds, or nothing."""

    more: bool
    retry_in: float | None = None


@dataclass(frozen=True)
class AgentRunInput:
    """``proposal_id``: set when the workflow continues as new while it waits. ``undo``: the run undoes a proposal."""

    org_id: OrgId
    run_id: RunId
    parent_run_id: RunId
    playbook_id: UUID | None = None
    proposal_id: ProposalId | None = None
    undo: bool = False


@dataclass(frozen=True)
class RunRef:
    """A run of the organization."""

    org_id: OrgId
    run_id: RunId


@dataclass(frozen=True)
class Settled:
    """A child tells its parent that it has proposed or ended."""

    run_id: RunId


@dataclass(frozen=True)
class OpenedRun:
    """What the parent needs to know of its run; ``connections`` are synced before candidates are read."""

    playbook_id: UUID
    connections: tuple[ConnectionId, ...]
    max_in_flight: int


@dataclass(frozen=True)
class ChildrenPage:
    """Asks for the next children after one; the first page opens them."""

    org_id: OrgId
    run_id: RunId
    after: RunId | None


@dataclass(frozen=True)
class Children:
    """One page of child runs in the order of their ids; a short page is the last."""

    run_ids: tuple[RunId, ...]
    more: bool


@dataclass(frozen=True)
class StepNote:
    """One step for the trace; ``key`` makes writing it again harmless."""

    key: str
    kind: str
    name: str
    summary: str
    started_at: datetime
    finished_at: datetime | None
    state: str = "done"
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True)
class Ending:
    """How a run ends; ``outcome`` is a sentence for people, ``error`` says what broke."""

    org_id: OrgId
    run_id: RunId
    outcome: str | None = None
    error: str | None = None
    steps: tuple[StepNote, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """What the agent is asked to do; ``obsolete`` says why there is nothing to look at any more."""

    requested_by: UserId
    model: str
    prompt: str
    max_corrections: int
    obsolete: str | None = None
    agent: str = "receivables"


@dataclass(frozen=True)
class EvidenceNote:
    """A record that a draft cites, and what it is said to show."""

    kind: str
    record_id: str
    claim: str


@dataclass(frozen=True)
class DraftChange:
    """An agent's draft of one change. ``action`` None: it wants nothing done."""

    action: str | None
    parameters: dict[str, Any]
    summary: str
    reasoning: str
    plan: tuple[str, ...]
    evidence: tuple[EvidenceNote, ...]
    confidence: float


@dataclass(frozen=True)
class DraftToCheck:
    """A draft of a run's attempt, before it is verified."""

    org_id: OrgId
    run_id: RunId
    attempt: int
    draft: DraftChange


@dataclass(frozen=True)
class VerdictNote:
    """What one rung of the verification ladder said."""

    level: str
    passed: bool
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdicts:
    """All rungs that a draft has met."""

    notes: tuple[VerdictNote, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the draft."""
        return all(note.passed for note in self.notes)

    @property
    def feedback(self) -> tuple[str, ...]:
        """Every message of the rungs that failed."""
        return tuple(m for note in self.notes if not note.passed for m in note.messages)


@dataclass(frozen=True)
class AttemptNote:
    """One attempt of the agent in words, and what the ladder said."""

    number: int
    draft: str
    verdicts: tuple[VerdictNote, ...]


@dataclass(frozen=True)
class DraftToPropose:
    """A verified draft with the attempts that led to it."""

    org_id: OrgId
    run_id: RunId
    draft: DraftChange
    attempts: tuple[AttemptNote, ...]


@dataclass(frozen=True)
class Proposed:
    """The proposal that a run has made."""

    proposal_id: ProposalId
    risk: int


@dataclass(frozen=True)
class ProposalRef:
    """A proposal of a run."""

    org_id: OrgId
    run_id: RunId
    proposal_id: ProposalId


@dataclass(frozen=True)
class StandingNote:
    """How a proposal stands now; ``sentence`` says it for people, at ``due_at`` time has something to do with it."""

    decision: str
    execution: str
    sentence: str
    dispatch_after: datetime | None = None
    due_at: datetime | None = None
    question_id: QuestionId | None = None


@dataclass(frozen=True)
class QuestionRef:
    """A question of a person about a run's proposal."""

    org_id: OrgId
    run_id: RunId
    proposal_id: ProposalId
    question_id: QuestionId


@dataclass(frozen=True)
class QuestionAsked:
    """What the agent is asked, and in whose name and by which agent and model it answers."""

    requested_by: UserId
    model: str
    agent: str
    prompt: str


@dataclass(frozen=True)
class Answered:
    """What the agent said to a question: words, a draft that it would rather propose, or why it could not answer."""

    org_id: OrgId
    run_id: RunId
    proposal_id: ProposalId
    question_id: QuestionId
    text: str
    evidence: tuple[EvidenceNote, ...] = ()
    draft: DraftChange | None = None
    failed: bool = False
    steps: tuple[StepNote, ...] = ()


@dataclass(frozen=True)
class LostSight:
    """An effect whose outcome cannot be learnt, and why."""

    org_id: OrgId
    run_id: RunId
    proposal_id: ProposalId
    why: str


@dataclass(frozen=True)
class Steps:
    """Steps of one run."""

    org_id: OrgId
    run_id: RunId
    steps: tuple[StepNote, ...]


@dataclass(frozen=True)
class SyncCounts:
    """How much a sync has read."""

    org_id: OrgId
    connection_id: ConnectionId
    customers: int
    invoices: int


@dataclass(frozen=True)
class Stopped:
    """A cancelled run is over; with ``proposal_id`` it must see that one through first."""

    proposal_id: ProposalId | None = None
