"""The states of a proposal and every transition that exists: decision x execution, its writer and its lock.

The same table is a trigger in the database (``allowed_pairs``), so that no writer can take another way.
"""

from dataclasses import dataclass
from enum import StrEnum

from backend.core.errors import ConflictError


class DecisionState(StrEnum):
    """What people have decided."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    STALE = "stale"


class ExecutionState(StrEnum):
    """What has become of the effect."""

    NONE = "none"
    QUEUED = "queued"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNDONE = "undone"


class Writer(StrEnum):
    """Who may write a transition."""

    PROPOSING = "proposing"
    DECISIONS = "decisions"
    EFFECTS = "effects"


class Lock(StrEnum):
    """What the writer holds while it writes."""

    NEW_ROW = "new row"
    PROPOSAL_ROW = "proposal row"


@dataclass(frozen=True, slots=True)
class Standing:
    """The two fields of a proposal, which are never one."""

    decision: DecisionState
    execution: ExecutionState

    def __str__(self) -> str:
        return f"{self.decision}/{self.execution}"


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed step. ``before`` is None for the birth of a proposal."""

    name: str
    before: Standing | None
    after: Standing
    writer: Writer
    lock: Lock


class ForbiddenTransitionError(ConflictError):
    """The proposal is in a state from which this step does not exist."""

    code = "forbidden_transition"


_D, _E = DecisionState, ExecutionState
_PENDING = Standing(_D.PENDING, _E.NONE)
_QUEUED = Standing(_D.APPROVED, _E.QUEUED)
_EXECUTING = Standing(_D.APPROVED, _E.EXECUTING)
_EXECUTED = Standing(_D.APPROVED, _E.EXECUTED)
_FAILED = Standing(_D.APPROVED, _E.FAILED)
_UNKNOWN = Standing(_D.APPROVED, _E.UNKNOWN)
_ROW = Lock.PROPOSAL_ROW

TRANSITIONS: tuple[Transition, ...] = (
    Transition("propose", None, _PENDING, Writer.PROPOSING, Lock.NEW_ROW),
    Transition("approve", _PENDING, _QUEUED, Writer.DECISIONS, _ROW),
    Transition("reject", _PENDING, Standing(_D.REJECTED, _E.NONE), Writer.DECISIONS, _ROW),
    Transition("expire", _PENDING, Standing(_D.EXPIRED, _E.NONE), Writer.DECISIONS, _ROW),
    Transition("withdraw", _PENDING, Standing(_D.WITHDRAWN, _E.NONE), Writer.DECISIONS, _ROW),
    Transition(
        "find stale at decision", _PENDING, Standing(_D.STALE, _E.NONE), Writer.DECISIONS, _ROW
    ),
    Transition("take back", _QUEUED, _PENDING, Writer.DECISIONS, _ROW),
    Transition(
        "find stale before dispatch", _QUEUED, Standing(_D.STALE, _E.NONE), Writer.EFFECTS, _ROW
    ),
    Transition("claim", _QUEUED, _EXECUTING, Writer.EFFECTS, _ROW),
    Transition("confirm", _EXECUTING, _EXECUTED, Writer.EFFECTS, _ROW),
    Transition("fail", _EXECUTING, _FAILED, Writer.EFFECTS, _ROW),
    Transition("lose sight", _EXECUTING, _UNKNOWN, Writer.EFFECTS, _ROW),
    Transition("find done", _UNKNOWN, _EXECUTED, Writer.EFFECTS, _ROW),
    Transition("find not done", _UNKNOWN, _FAILED, Writer.EFFECTS, _ROW),
    Transition("undo", _EXECUTED, Standing(_D.APPROVED, _E.UNDONE), Writer.EFFECTS, _ROW),
)

_BY_STEP = {(t.before, t.after, t.writer): t for t in TRANSITIONS}


def move(before: Standing | None, after: Standing, writer: Writer) -> Transition:
    """The transition from ``before`` to ``after`` by ``writer``; raises when the table does not have it."""
    found = _BY_STEP.get((before, after, writer))
    if found is None:
        raise ForbiddenTransitionError(
            f"a proposal cannot go from {before or 'nothing'} to {after} by {writer}"
        )
    return found


def allowed_pairs() -> list[tuple[str, str]]:
    """``(before, after)`` of every transition as texts such as ``pending/none``; '' is the birth."""
    return sorted({(str(t.before or ""), str(t.after)) for t in TRANSITIONS})
