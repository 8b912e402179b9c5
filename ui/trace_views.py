"""A run on its time axis as the page draws it: groups, steps, folded waits, ticks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backend.schemas.runs import RunTrace, TraceSpan
from ui.run_views import STEP_KINDS, duration, readable

FOLD = 12.0  # percent of the axis that a folded wait takes
LONG = timedelta(
    seconds=20
)  # a wait, or a stretch in which nothing happened, is folded from here on
PART_OF = {"propose": "Decision", "wait": "Decision", "execute": "Effect", "record": "Effect"}
TICKS = 5
EDGE = 97  # percent; a word beyond it would stick out
NICE = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)


@dataclass(frozen=True)
class BarView:
    """One line of the trace. ``group`` lines head the steps below them; ``start`` and ``width`` place the bar."""

    id: str = ""
    kind: str = "tool"
    name: str = ""
    group: bool = False
    mono: bool = False
    state: str = "done"
    state_word: str = ""
    summary: str = ""
    at: str = ""
    took: str = ""
    tokens: str = ""
    bar: str = ""
    start: str = "0%"
    width: str = "1%"


@dataclass(frozen=True)
class FoldView:
    """A stretch of waiting on the axis, drawn short."""

    start: str = "0%"
    width: str = "0%"
    word: str = ""


@dataclass(frozen=True)
class TickView:
    """A mark on the axis."""

    at: str = "0%"
    word: str = ""


@dataclass(frozen=True)
class TraceView:
    """All of it."""

    lines: list[BarView] = field(default_factory=list)
    folds: list[FoldView] = field(default_factory=list)
    ticks: list[TickView] = field(default_factory=list)
    working: str = ""
    waiting: str = ""
    attempts: int = 0


def trace_view(trace: RunTrace, now: datetime | None = None) -> TraceView:
    """The trace of one run without its children, which the page lists apart."""
    now = now or datetime.now(tz=UTC)
    spans = [one for one in trace.spans if one.kind not in ("run", "attempt")]
    if not spans:
        return TraceView()
    axis = Axis.of(
        [(one.started_at, _end(one, now)) for one in spans if one.kind != "wait"],
        max(_end(one, now) for one in spans),
    )
    attempts = {one.id: one for one in trace.spans if one.kind == "attempt"}
    waited = sum((until - since for since, until in axis.folds), timedelta())
    return TraceView(
        lines=list(_lines(spans, attempts, axis, now)),
        folds=[_fold(since, until, axis) for since, until in axis.folds],
        ticks=axis.ticks(),
        working=duration(axis.work),
        waiting=duration(waited) if axis.folds else "",
        attempts=len(attempts),
    )


@dataclass(frozen=True)
class Axis:
    """The time of a run on which long stretches without work take a fixed share, however long they were."""

    start: datetime
    folds: list[tuple[datetime, datetime]]
    work: timedelta

    @classmethod
    def of(cls, busy: list[tuple[datetime, datetime]], last: datetime) -> "Axis":
        """The axis over these stretches of work until ``last``; what is long between them is folded."""
        ordered = [*sorted(busy), (last, last)]
        start, reached = ordered[0]
        folds: list[tuple[datetime, datetime]] = []
        for since, until in ordered[1:]:
            if since - reached > LONG:
                folds.append((reached, since))
            reached = max(reached, until)
        idle = sum((until - since for since, until in folds), timedelta())
        return cls(start, folds, max(reached - start - idle, timedelta(milliseconds=1)))

    def at(self, moment: datetime) -> float:
        """Where ``moment`` lies, in percent."""
        worked, folded = moment - self.start, 0.0
        for since, until in self.folds:
            passed = min(max(moment - since, timedelta()), until - since)
            worked -= passed
            folded += passed / (until - since)
        room = 100 - FOLD * len(self.folds)
        return min(100.0, max(0.0, room * (worked / self.work) + FOLD * folded))

    def ticks(self) -> list[TickView]:
        """Marks at round times of work, counted from the start, up to the first fold."""
        limit = (self.folds[0][0] - self.start) if self.folds else self.work
        seconds = limit.total_seconds()
        step = next((nice for nice in NICE if seconds / nice <= TICKS), NICE[-1])
        marks = [number * step for number in range(int(seconds / step) + 1)]
        moments = [(mark, self.at(self.start + timedelta(seconds=mark))) for mark in marks]
        return [TickView(f"{place:.2f}%", _mark(mark)) for mark, place in moments if place < EDGE]


def _mark(seconds: float) -> str:
    return duration(timedelta(seconds=seconds)) if seconds else "0"


def _fold(since: datetime, until: datetime, axis: Axis) -> FoldView:
    amount, unit, *_ = duration(until - since).split()
    return FoldView(f"{axis.at(since):.2f}%", f"{FOLD:.2f}%", f"{amount} {unit}")


def _lines(
    spans: list[TraceSpan], attempts: dict[str, TraceSpan], axis: Axis, now: datetime
) -> Iterable[BarView]:
    part = ""
    for one in spans:
        if (mine := _part(one, attempts)) != part:
            part = mine
            title = f"Attempt {attempts[part].attempt}" if part in attempts else part
            within = [other for other in spans if _part(other, attempts) == part]
            yield _group(title, within, axis, now)
        yield _bar(one, axis, now)


def _part(one: TraceSpan, attempts: dict[str, TraceSpan]) -> str:
    if one.parent_id and one.parent_id in attempts:
        return one.parent_id
    return PART_OF.get(one.kind, "Preparation")


def _group(title: str, within: list[TraceSpan], axis: Axis, now: datetime) -> BarView:
    since = min(one.started_at for one in within)
    until = max(_end(one, now) for one in within)
    start, width = _place(since, until, axis)
    return BarView(
        id=title,
        kind="group",
        name=title,
        group=True,
        took=duration(until - since),
        bar="k-group",
        start=start,
        width=width,
    )


def _bar(one: TraceSpan, axis: Axis, now: datetime) -> BarView:
    tokens = one.input_tokens + one.output_tokens
    end, lasts = _end(one, now), one.duration_ms is None
    start, width = _place(one.started_at, end, axis)
    word = "running" if lasts else "failed" if one.state == "failed" else ""
    return BarView(
        id=one.id,
        kind=one.kind if one.kind in STEP_KINDS else "tool",
        name=readable(one.name),
        mono="." in one.name or ":" in one.name,
        state="failed" if one.state == "failed" else "running" if lasts else "done",
        state_word=word,
        summary=one.summary,
        at=one.started_at.isoformat(),
        took=duration(end - one.started_at),
        tokens=f"{tokens:,}" if tokens else "",
        bar=f"k-{one.kind} {one.state}{' running' if lasts else ''}",
        start=start,
        width=width,
    )


def _place(since: datetime, until: datetime, axis: Axis) -> tuple[str, str]:
    begin, end = axis.at(since), axis.at(until)
    width = max(end - begin, 0.6)
    return f"{min(begin, 100 - width):.2f}%", f"{width:.2f}%"


def _end(one: TraceSpan, now: datetime) -> datetime:
    if one.duration_ms is None:
        return max(now, one.started_at)
    return one.started_at + timedelta(milliseconds=one.duration_ms)
