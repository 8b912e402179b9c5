"""What the long version keeps of each drill, and the table that it prints in the end."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from tests.chaos.verdict import Verdict

_HEAD = (
    "",
    "kills",
    "survived",
    "effects lost",
    "effects doubled",
    "decisions lost",
    "recovery p50",
    "recovery p95",
)


class Line(msgspec.Struct, frozen=True):
    """One drill. ``error`` is empty when everything was right; ``recovery`` is in seconds."""

    number: int
    at: datetime
    moment: str
    targets: list[str]
    recovery: float | None
    verdict: Verdict
    error: str


def table(lines: Sequence[Line]) -> str:
    """Markdown: moment by outcome by recovery, then the same by target, and all of them."""
    rows = [
        _HEAD,
        ("---", *("---:" for _ in _HEAD[1:])),
        *_rows(lines, lambda line: line.moment),
        *_rows(lines, lambda line: "+".join(line.targets)),
        _row("all", lines),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows(lines: Sequence[Line], name: Callable[[Line], str]) -> list[tuple[str, ...]]:
    return [_row(key, list(group)) for key, group in groupby(sorted(lines, key=name), name)]


def _row(name: str, lines: Sequence[Line]) -> tuple[str, ...]:
    survived = [line for line in lines if not line.error]
    verdicts = [line.verdict for line in lines]
    recoveries = sorted(line.recovery for line in survived if line.recovery is not None)
    return (
        name,
        str(len(lines)),
        str(len(survived)),
        str(sum(verdict.effects_lost for verdict in verdicts)),
        str(sum(verdict.effects_duplicated for verdict in verdicts)),
        str(sum(verdict.decisions_lost for verdict in verdicts)),
        _at(recoveries, 0.5),
        _at(recoveries, 0.95),
    )


def _at(recoveries: Sequence[float], share: float) -> str:
    if not recoveries:
        return "-"
    return f"{recoveries[min(int(share * len(recoveries)), len(recoveries) - 1)]:.1f} s"
