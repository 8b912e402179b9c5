"""Triggers as data: what is refused, how they read, and that they survive being stored."""

import msgspec
import pytest

from backend.playbooks.triggers import (
    RecordChange,
    Schedule,
    Trigger,
    TriggerKind,
    on_change,
    scheduled,
)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(every_seconds=1), "every second"),
        (Schedule(every_seconds=90), "every 90 seconds"),
        (Schedule(every_seconds=120), "every 2 minutes"),
        (Schedule(every_seconds=3600), "every hour"),
        (Schedule(at="07:30"), "every day at 07:30 (UTC)"),
        (
            Schedule(at="23:05", working_days=True, time_zone="Europe/Berlin"),
            "on working days at 23:05 (Europe/Berlin)",
        ),
    ],
)
def test_schedule_reads_as_people_say_it(schedule: Schedule, words: str) -> None:
    assert str(scheduled(schedule)) == words


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "either"),
        ({"every_seconds": 5, "at": "07:00"}, "either"),
        ({"every_seconds": 0}, "at least 1"),
        ({"at": "24:00"}, "HH:MM"),
        ({"at": "7:00"}, "HH:MM"),
        ({"at": "07:00", "time_zone": "Mars/Olympus"}, "time zone"),
        ({"at": "07:00", "time_zone": "../etc/passwd"}, "time zone"),
    ],
)
def test_schedule_that_makes_no_sense_is_refused(fields: dict[str, object], complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert(fields, Schedule)


@pytest.mark.parametrize(
    "trigger",
    [
        Trigger(kind=TriggerKind.MANUAL),
        scheduled(Schedule(at="07:00")),
        on_change("charge.failed", "invoice.payment_failed"),
    ],
)
def test_trigger_is_the_same_after_it_was_stored(trigger: Trigger) -> None:
    assert msgspec.convert(msgspec.to_builtins(trigger), Trigger) == trigger


@pytest.mark.parametrize(
    ("kind", "schedule", "change"),
    [
        (TriggerKind.SCHEDULE, None, None),
        (TriggerKind.MANUAL, Schedule(every_seconds=1), None),
        (TriggerKind.RECORD_CHANGED, None, None),
        (TriggerKind.SCHEDULE, Schedule(every_seconds=1), RecordChange(events=("a",))),
    ],
)
def test_trigger_with_what_belongs_to_another_kind_is_refused(
    kind: TriggerKind, schedule: Schedule | None, change: RecordChange | None
) -> None:
    with pytest.raises(ValueError, match="belongs"):
        Trigger(kind=kind, schedule=schedule, change=change)
