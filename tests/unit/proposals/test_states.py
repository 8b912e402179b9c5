"""Every transition that ARCHITECTURE.md lists exists, and no other one."""

import itertools
import re
from pathlib import Path

import pytest

from backend.proposals.states import (
    TRANSITIONS,
    DecisionState,
    ExecutionState,
    ForbiddenTransitionError,
    Standing,
    Writer,
    move,
)

ARCHITECTURE = Path(__file__).resolve().parents[3] / "ARCHITECTURE.md"
EVERY_STANDING = [Standing(d, e) for d, e in itertools.product(DecisionState, ExecutionState)]


def documented() -> set[tuple[str, str, str, str, str]]:
    """The rows of the state table in ARCHITECTURE.md."""
    rows = re.findall(
        r"^\| ([a-z ]+) \| (\S+) \| (\S+/\S+) \| (\w+) \| ([a-z ]+) \|$",
        ARCHITECTURE.read_text(),
        re.MULTILINE,
    )
    return set(rows)


def test_architecture_page_lists_exactly_the_transitions_of_the_code() -> None:
    code = {
        (
            t.name,
            str(t.before) if t.before else "nothing",
            str(t.after),
            t.writer.value,
            t.lock.value,
        )
        for t in TRANSITIONS
    }
    assert documented() == code


@pytest.mark.parametrize("writer", Writer)
def test_move_when_not_in_the_table_then_refused(writer: Writer) -> None:
    listed = {(t.before, t.after) for t in TRANSITIONS if t.writer is writer}
    refused = 0
    for before, after in itertools.product([None, *EVERY_STANDING], EVERY_STANDING):
        if (before, after) in listed:
            assert move(before, after, writer).after == after
            continue
        with pytest.raises(ForbiddenTransitionError):
            move(before, after, writer)
        refused += 1
    assert refused == 43 * 42 - len(listed)


def test_executed_is_reached_only_after_a_person_approved() -> None:
    into_executed = [t for t in TRANSITIONS if t.after.execution is ExecutionState.EXECUTED]
    assert {t.after.decision for t in into_executed} == {DecisionState.APPROVED}
    assert {t.before.execution for t in into_executed if t.before} == {
        ExecutionState.EXECUTING,
        ExecutionState.UNKNOWN,
    }
