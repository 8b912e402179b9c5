"""What narrows a list of proposals: one type for query string, bulk selection and saved view, and its SQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from backend.core.errors import InvalidInputError
from backend.core.keyset import Choice, Span
from backend.proposals.models import ProposalTable
from backend.proposals.states import DecisionState, ExecutionState
from backend.runs.models import RunRow


class Box(StrEnum):
    """The boxes of the inbox; see ``proposals.boxes``."""

    MINE = "mine"
    TEAM = "team"
    WAITING = "waiting"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """All of it holds. ``run_id`` includes the run's children, ``text`` finds words of sentence and summary."""

    decision: Choice[DecisionState] = field(default_factory=Choice)
    execution: Choice[ExecutionState] = field(default_factory=Choice)
    playbook: Choice[UUID] = field(default_factory=Choice)
    action: Choice[str] = field(default_factory=Choice)
    team: Choice[UUID] = field(default_factory=Choice)
    requester: Choice[UUID] = field(default_factory=Choice)
    currency: Choice[str] = field(default_factory=Choice)
    risk: Span[int] = field(default_factory=Span)
    amount: Span[int] = field(default_factory=Span)
    confidence: Span[float] = field(default_factory=Span)
    created: Span[datetime] = field(default_factory=Span)
    due: Span[datetime] = field(default_factory=Span)
    decided: Span[datetime] = field(default_factory=Span)
    run_id: UUID | None = None
    box: Box | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.amount.given and len(self.currency.wanted) != 1:
            name = "minAmount" if self.amount.start is not None else "maxAmount"
            raise InvalidInputError("an amount needs one currency beside it", field=name)


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter as SQL on ``proposal``, except for its box, which depends on who asks."""
    return [*_choices(wanted), *_spans(wanted), *_run(wanted), *_words(wanted)]


def _choices(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    table = ProposalTable
    yield from wanted.decision.on(table.decision)
    yield from wanted.execution.on(table.execution)
    yield from wanted.playbook.on(table.playbook_id)
    yield from wanted.action.on(table.action)
    yield from wanted.team.on(table.team_id)
    yield from wanted.requester.on(table.requested_by)
    yield from wanted.currency.on(table.currency)


def _spans(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    table = ProposalTable
    yield from wanted.risk.on(table.risk_score)
    yield from wanted.amount.on(table.amount_minor)
    yield from wanted.confidence.on(table.confidence)
    yield from wanted.created.on(table.created_at)
    yield from wanted.due.on(table.due_at)
    if wanted.decided.given:
        yield from wanted.decided.on(ProposalTable.decided_at)


def _run(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.run_id is not None:
        children = select(RunRow.id).where(RunRow.parent_run_id == wanted.run_id)
        table = ProposalTable
        yield or_(table.run_id == wanted.run_id, table.run_id.in_(children))


def _words(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    haystack = ProposalTable.sentence + " " + ProposalTable.summary
    for word in (wanted.text or "").split():
        yield haystack.ilike(f"%{_escaped(word)}%", escape="\\")


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
