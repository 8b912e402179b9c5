"""A run on a time axis: its steps, their attempts, what it waits for, and its children as flat spans with parents."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import RunId
from backend.runs.facts import RunFacts
from backend.runs.models import RunStepRow
from backend.runs.repository import RunView, children_of
from backend.runs.service import RunState

_OF_ATTEMPT = re.compile(r"attempt-(\d+)/|(?:plan|draft|verify)-(\d+)$")


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of time; without ``finished_at`` it lasts. ``attempt`` counts corrections from 1."""

    id: str
    parent_id: str | None
    run_id: UUID
    kind: str
    name: str
    state: str
    summary: str
    started_at: datetime
    finished_at: datetime | None
    attempt: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0

    def offset_from(self, start: datetime) -> float:
        """Milliseconds between ``start`` and the span's own."""
        return _milliseconds(self.started_at - start)

    @property
    def duration(self) -> float | None:
        """Its length in milliseconds, once it is over."""
        ended = self.finished_at
        return None if ended is None else _milliseconds(ended - self.started_at)


async def trace_of(session: AsyncSession, view: RunView) -> list[Span]:
    """The spans of a run in order of time, itself first. Its children appear without their own steps."""
    row = view.row
    steps = await session.scalars(
        select(RunStepRow)
        .where(RunStepRow.run_id == row.id)
        .order_by(RunStepRow.started_at, RunStepRow.key)
    )
    within = [_step(step) for step in steps]
    within += _attempts(row, within)
    within += _present_wait(row, within)
    within += [
        _run(child.row, child.playbook, parent=str(row.id))
        for child in await children_of(session, RunId(row.id))
    ]
    within.sort(key=lambda span: (span.started_at, span.kind != "attempt"))
    return [_run(row, view.playbook, parent=None), *within]


def _run(row: RunFacts, playbook: str, *, parent: str | None) -> Span:
    return Span(
        id=str(row.id),
        parent_id=parent,
        run_id=row.id,
        kind="run",
        name=playbook,
        state=row.state,
        summary=row.error or row.outcome or "",
        started_at=row.created_at,
        finished_at=row.finished_at,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
    )


def _step(row: RunStepRow) -> Span:
    found = _OF_ATTEMPT.match(row.key)
    attempt = int(found[1] or found[2]) if found else None
    return Span(
        id=f"{row.run_id}/{row.key}",
        parent_id=f"{row.run_id}/attempt-{attempt}" if attempt else str(row.run_id),
        run_id=row.run_id,
        kind=row.kind,
        name=row.name,
        state=row.state,
        summary=row.summary,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempt=attempt,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
    )


def _attempts(row: RunFacts, steps: Sequence[Span]) -> Iterable[Span]:
    """One span around the steps of each attempt, as good as its last verdict."""
    for number in sorted({step.attempt for step in steps if step.attempt}):
        inside = [step for step in steps if step.attempt == number]
        verdict = next((step.state for step in inside if step.kind == "verify"), "done")
        yield Span(
            id=f"{row.id}/attempt-{number}",
            parent_id=str(row.id),
            run_id=row.id,
            kind="attempt",
            name="attempt",
            state=verdict,
            summary=f"Attempt {number}",
            started_at=min(step.started_at for step in inside),
            finished_at=max(step.finished_at or step.started_at for step in inside),
            attempt=number,
            input_tokens=sum(step.input_tokens for step in inside),
            output_tokens=sum(step.output_tokens for step in inside),
        )


def _present_wait(row: RunFacts, steps: Sequence[Span]) -> Iterable[Span]:
    """A wait is written down when it is over; one that lasts begins when the run has proposed."""
    asked = next((step for step in steps if step.kind == "propose"), None)
    if row.state == RunState.WAITING and asked is not None:
        yield Span(
            id=f"{row.id}/wait",
            parent_id=str(row.id),
            run_id=row.id,
            kind="wait",
            name="decision",
            state="running",
            summary="Waiting for people",
            started_at=asked.finished_at or asked.started_at,
            finished_at=None,
        )


def _milliseconds(length: timedelta) -> float:
    return round(length.total_seconds() * 1000, 3)
