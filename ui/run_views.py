"""Runs as the pages show them, made from the wire's types."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from backend.schemas.common import Cost
from backend.schemas.runs import RunDetail, RunRow, RunStep
from ui import formats
from ui.view_models import standing

STATE_WORDS = {
    "queued": ("Queued", ""),
    "running": ("Running", "blue"),
    "waiting": ("Waiting for people", "accent"),
    "executing": ("Executing", "blue"),
    "completed": ("Completed", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", ""),
}
STEP_KINDS = (
    "plan",
    "read",
    "model",
    "tool",
    "draft",
    "verify",
    "propose",
    "wait",
    "execute",
    "record",
    "retry",
)
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


@dataclass(frozen=True)
class RunView:
    """One run in a list."""

    id: str = ""
    playbook: str = ""
    state: str = ""
    tone: str = ""
    outcome: str = ""
    requested_by: str = ""
    initials: str = ""
    created_at: str = ""
    took: str = ""
    candidates: int = 0
    working: int = 0
    proposed: int = 0
    nothing_to_do: int = 0
    failed: int = 0
    cancelled: int = 0
    cost: str = ""


@dataclass(frozen=True)
class StepView:
    """One step in a table."""

    name: str = ""
    summary: str = ""
    failed: bool = False
    running: bool = False
    took: str = ""
    tokens: str = ""


@dataclass(frozen=True)
class RunProposalView:
    """A proposal that a run made."""

    id: str = ""
    text: str = ""
    standing: str = "pending"
    signed: int = 0
    required: int = 1


@dataclass(frozen=True)
class RunPage:
    """One run with its trace."""

    run: RunView = field(default_factory=RunView)
    parent: str = ""
    workflow_id: str = ""
    workflow: str = ""
    inputs: str = ""
    undoes: str = ""
    undone: str = ""
    because: str = ""
    error: str = ""
    can_cancel: bool = False
    cannot_cancel: str = ""
    proposals: list[RunProposalView] = field(default_factory=list)
    children: list[RunView] = field(default_factory=list)


def run_view(run: RunRow) -> RunView:
    """A row of the list."""
    word, tone = STATE_WORDS.get(run.state, (run.state, ""))
    counts = run.counts
    return RunView(
        id=run.id,
        playbook=f"{run.playbook}, version {run.playbook_version}",
        state=word,
        tone=tone,
        outcome=run.outcome or "",
        requested_by=run.requested_by.name,
        initials=run.requested_by.initials,
        created_at=run.created_at.isoformat(),
        took=duration(run.finished_at - run.created_at) if run.finished_at else "",
        candidates=counts.candidates,
        working=counts.working,
        proposed=counts.proposed,
        nothing_to_do=counts.nothing_to_do,
        failed=counts.failed,
        cancelled=counts.cancelled,
        cost=cost(run.cost),
    )


def run_page(run: RunDetail) -> RunPage:
    """The page of one run."""
    undoes = str(run.inputs.get("undoes") or "")
    return RunPage(
        run=run_view(run),
        parent=run.parent_run_id or "",
        workflow_id=run.workflow_id,
        workflow=f"{run.workflow_id.partition('/')[0]}/…{run.workflow_id[-12:]}",
        inputs=", ".join(
            f"{readable(name).lower()} {value}"
            for name, value in run.inputs.items()
            if value is not None and not undoes
        ),
        undoes=undoes,
        undone=formats.short_id(undoes),
        because=formats.sentence(str(run.inputs.get("reason") or "")),
        error=run.error or "",
        can_cancel=run.can_cancel,
        cannot_cancel=formats.sentence(run.cannot_cancel_reason or ""),
        proposals=[
            RunProposalView(
                p.id, p.statement.text, standing(p), len(p.signatures), p.required_signatures
            )
            for p in run.proposals
        ],
        children=[run_view(child) for child in run.children],
    )


def steps_of(run: RunDetail) -> list[StepView]:
    """The steps of a run in order of time."""
    return [_step(one) for one in sorted(run.steps, key=lambda one: (one.started_at, one.seq))]


def _step(step: RunStep) -> StepView:
    tokens = step.input_tokens + step.output_tokens
    return StepView(
        name=readable(step.name),
        summary=step.summary,
        failed=step.state == "failed",
        running=step.finished_at is None,
        took=duration(step.finished_at - step.started_at) if step.finished_at else "",
        tokens=f"{tokens:,}" if tokens else "",
    )


def readable(name: str) -> str:
    """``read_subject`` and ``minDaysOverdue`` as words; what is no such name stays as it is."""
    if not name.isidentifier():
        return name
    words = _HUMP.sub(lambda hump: f" {hump[0].lower()}", name.replace("_", " "))
    return words[:1].upper() + words[1:]


def duration(length: timedelta) -> str:
    """At most two units: ``12 ms``, ``2.6 s``, ``11 min 7 s``, ``3 h 2 min``, ``2 d 4 h``."""
    seconds = max(0.0, length.total_seconds())
    whole = round(seconds)
    for size, unit, below, small in _UNITS:
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit} {rest} {small}" if rest else f"{whole // size} {unit}"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def cost(used: Cost) -> str:
    """Money where there is some, else tokens; a dash for the offline rules that used none."""
    tokens = used.input_tokens + used.output_tokens
    if used.spend is None:
        return f"{tokens:,} tokens" if tokens else formats.NONE
    spent = formats.amount(used.spend)
    unpriced = used.unpriced_calls
    calls = "call" if unpriced == 1 else "calls"
    return f"{spent} and {unpriced} {calls} without a price" if unpriced else spent
