"""What a version of a playbook may be started by, as data. Whether a trigger is on stands in ``switching``."""

import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class TriggerKind(StrEnum):
    """How a run comes about. A person may always start one, so ``manual`` has no switch."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    RECORD_CHANGED = "record_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Either every so many seconds, or at a time of day (``HH:MM``) in a named time zone."""

    every_seconds: int | None = None
    at: str | None = None
    working_days: bool = False
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if (self.every_seconds is None) == (self.at is None):
            raise ValueError("a schedule is either every_seconds or at a time of day")
        if self.every_seconds is not None and self.every_seconds < 1:
            raise ValueError("every_seconds must be at least 1")
        if self.at is not None and not _TIME.fullmatch(self.at):
            raise ValueError(f"{self.at!r} is no time of day; write it as HH:MM")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {self.time_zone!r}") from error

    @property
    def time_of_day(self) -> tuple[int, int] | None:
        """Hour and minute, where it is a time of day."""
        if self.at is None:
            return None
        hour, _, minute = self.at.partition(":")
        return int(hour), int(minute)

    def __str__(self) -> str:
        if self.every_seconds is not None:
            return f"every {_length(self.every_seconds)}"
        days = "on working days" if self.working_days else "every day"
        return f"{days} at {self.at} ({self.time_zone})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """Which kinds of events at the source; ``record`` says of what kind the record is that they narrow a run to."""

    events: tuple[str, ...]
    record: str = "invoice"

    def __str__(self) -> str:
        return f"when {self.record} records change: {', '.join(self.events)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One way to start; what belongs to another kind is absent."""

    kind: TriggerKind
    schedule: Schedule | None = None
    change: RecordChange | None = None

    def __post_init__(self) -> None:
        if (self.kind is TriggerKind.SCHEDULE) != (self.schedule is not None):
            raise ValueError("a schedule belongs to the trigger of that kind and to no other")
        if (self.kind is TriggerKind.RECORD_CHANGED) != (self.change is not None):
            raise ValueError("a change belongs to the trigger record_changed and to no other")

    def __str__(self) -> str:
        return str(self.schedule or self.change or "when a person starts it")


def scheduled(schedule: Schedule) -> Trigger:
    """A trigger by the clock."""
    return Trigger(kind=TriggerKind.SCHEDULE, schedule=schedule)


def on_change(*events: str, record: str = "invoice") -> Trigger:
    """A trigger by events at the source."""
    change = RecordChange(events=events, record=record)
    return Trigger(kind=TriggerKind.RECORD_CHANGED, change=change)


def _length(seconds: int) -> str:
    for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
        number, rest = divmod(seconds, size)
        if not rest:
            return unit if number == 1 else f"{number} {unit}s"
    raise AssertionError("every number of seconds is a multiple of one")
