"""What the charts draw, in percent of their room, made from the wire's types. No colour and no markup."""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.schemas.analytics import Bar, Day
from ui.rows import rows_path
from ui.run_views import duration

MARKS = ((60, "1 min"), (900, "15 min"), (3600, "1 h"), (14400, "4 h"), (86400, "1 d"))
LONGEST = 7 * 86400
TICKS = 4


@dataclass(frozen=True)
class BarView:
    """One horizontal bar. ``level`` counts from 1, in the order of the wire."""

    label: str = ""
    count: str = ""
    said: str = ""
    width: str = "0%"
    level: str = "level-1"
    href: str = ""


@dataclass(frozen=True)
class MarkView:
    """A line across a chart and its label."""

    at: str = "0%"
    label: str = ""


@dataclass(frozen=True)
class DayView:
    """One column of a day; the heights are of the whole plot."""

    day: str = ""
    label: str = ""
    said: str = ""
    href: str = ""
    approved: int = 0
    rejected: int = 0
    expired: int = 0
    approved_height: str = "0%"
    rejected_height: str = "0%"
    expired_height: str = "0%"
    partial: bool = False


@dataclass(frozen=True)
class DaysView:
    """Decisions per day, oldest first."""

    total: str = "0"
    any: bool = False
    days: list[DayView] = field(default_factory=list)
    marks: list[MarkView] = field(default_factory=list)


@dataclass(frozen=True)
class TimesView:
    """Half of the decisions and nine of ten on an axis of time; ``known`` is false below 20 decisions."""

    known: bool = False
    half: str = ""
    most: str = ""
    half_at: str = "0%"
    most_at: str = "0%"
    between: str = "0%"
    marks: list[MarkView] = field(default_factory=list)


def bar_views(bars: list[Bar]) -> list[BarView]:
    """The longest bar fills its room."""
    most = max((bar.count for bar in bars), default=0)
    return [
        BarView(
            label=bar.label,
            count=f"{bar.count:,}",
            said=f"{bar.label}: {proposals(bar.count)}",
            width=percent(bar.count, most),
            level=f"level-{number}",
            href=rows_path(bar.rows),
        )
        for number, bar in enumerate(bars, 1)
    ]


def days_view(days: list[Day]) -> DaysView:
    """Stacked columns under a scale of round numbers; every so many days one is named."""
    total = sum(_decided(day) for day in days)
    top, ticks = scale(max((_decided(day) for day in days), default=0))
    step = 1 if len(days) <= 7 else 7 if len(days) <= 31 else 14  # noqa: PLR2004 - what fits in a row
    return DaysView(
        total=f"{total:,}",
        any=total > 0,
        days=[
            _day_view(day, top, named=index % step == 0 and index + step // 2 < len(days) - 1)
            for index, day in enumerate(days)
        ],
        marks=[MarkView(percent(tick, top), f"{tick:,}") for tick in ticks],
    )


def _day_view(day: Day, top: int, *, named: bool) -> DayView:
    when = "Today, so far" if day.partial else written(day.day)
    return DayView(
        day=when,
        label="today" if day.partial else written(day.day) if named else "",
        said=f"{when}: {day.approved} approved, {day.rejected} rejected, {day.expired} expired",
        href=rows_path(day.rows),
        approved=day.approved,
        rejected=day.rejected,
        expired=day.expired,
        approved_height=percent(day.approved, top),
        rejected_height=percent(day.rejected, top),
        expired_height=percent(day.expired, top),
        partial=day.partial,
    )


def _decided(day: Day) -> int:
    return day.approved + day.rejected + day.expired


def scale(most: int) -> tuple[int, list[int]]:
    """The top of an axis that holds ``most``, and its round ticks from 0: steps of 1, 2 or 5 times a power of ten."""
    rough = max(1, most) / TICKS
    power: int = 10 ** max(0, math.floor(math.log10(rough)))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    top = step * math.ceil(max(1, most) / step)
    return top, list(range(0, top + 1, step))


def times_view(times: tuple[float, float] | None) -> TimesView:
    """On an axis by powers, for decisions take from seconds to days."""
    if times is None:
        return TimesView()
    half, most = times
    return TimesView(
        known=True,
        half=duration(timedelta(seconds=half)),
        most=duration(timedelta(seconds=most)),
        half_at=f"{_place(half):.1f}%",
        most_at=f"{_place(most):.1f}%",
        between=f"{_place(most) - _place(half):.1f}%",
        marks=[MarkView(f"{_place(seconds):.1f}%", label) for seconds, label in MARKS],
    )


def _place(seconds: float) -> float:
    inside = min(max(seconds, 1.0), float(LONGEST))
    return 100 * math.log(inside) / math.log(LONGEST)


def percent(part: float, whole: float) -> str:
    """A length for the style sheet."""
    return f"{100 * part / whole:.2f}%" if whole else "0%"


def proposals(count: int) -> str:
    """``1 proposal``, ``1,324 proposals``."""
    return f"{count:,} proposal{'' if count == 1 else 's'}"


def written(day: date) -> str:
    """``24 Nov``."""
    return f"{day.day} {day:%b}"
