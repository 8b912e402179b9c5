"""What a verifier finds in a log of 10,000 events: every change of a field, drop, swap, insertion and cut."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import msgspec
import pytest

from backend.core.crypto import AuditKeys, Keys
from backend.core.masters import Master
from backend.core.merkle import Frontier
from tenancy.auditing.lines import Entry, Line, write
from tenancy.auditing.verifying import Anchor, Report, Verifier, verify
from tests.audit_log import KEYS, chained, checkpoint, exported, loose

COUNT = 10_000
SMALL = 1_200


@pytest.fixture(scope="module")
def large() -> list[bytes]:
    return exported([*chained(COUNT), loose(COUNT + 1), loose(COUNT + 2)])


def small() -> list[Line]:
    return list(chained(SMALL))


def read(lines: list[bytes], anchor: Anchor | None = None) -> Report:
    return verify(lines, KEYS, anchor)


def first(report: Report) -> tuple[int | None, str]:
    return report.problems[0].seq, report.problems[0].what


def fork(state: Verifier) -> Verifier:
    """The same place in the file, to go on from with other lines."""
    return replace(state, problems=[])


def is_found(state: Verifier, *lines: bytes) -> bool:
    apart = fork(state)
    for line in lines:
        apart.take(line)
    return apart.found > 0


def changed(value: object) -> Iterator[object]:
    """The value with one field changed, once for each field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for other in changed(inner):
                yield value | {key: other}
        return
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield value[:-1] + ("0" if value[-1] != "0" else "1")
    elif value is None:
        yield "somebody"
    elif isinstance(value, int | float):
        yield value + 1


def restructured(value: dict[str, object]) -> Iterator[dict[str, object]]:
    """The value with one field less, once for each field, and with one more."""
    for key, inner in value.items():
        yield {name: one for name, one in value.items() if name != key}
        if isinstance(inner, dict):
            for other in restructured(inner):
                yield value | {key: other}
    yield value | {"more": 1}


def test_log_when_nothing_was_touched_then_proven_and_what_cannot_be_shown_is_said(
    large: list[bytes],
) -> None:
    report = read(large)
    assert (report.events, report.checkpoints, report.problems) == (COUNT, 20, ())
    later, pending = report.unproven
    assert f"behind event {COUNT}" in later
    assert pending.startswith("2 events are not in the chain yet")


@pytest.mark.long
def test_log_when_any_single_field_of_any_line_is_changed_then_found_at_that_line(
    large: list[bytes],
) -> None:
    state = Verifier(KEYS)
    for at, line in enumerate(large):
        behind = (
            large[at + 1 : at + 2] if at == 0 else []
        )  # whose log it is shows in its first event
        for other in changed(json.loads(line)):
            assert is_found(state, json.dumps(other).encode(), *behind), (line, other)
        state.take(line)
    assert state.found == 0


def test_log_when_a_field_is_taken_or_added_then_found(large: list[bytes]) -> None:
    state = Verifier(KEYS)
    for at, line in enumerate(large):
        if at % 50 == 0 or at > COUNT:
            for other in restructured(json.loads(line)):
                assert is_found(state, json.dumps(other).encode()), (line, other)
        state.take(line)


def test_log_when_any_event_is_dropped_swapped_inserted_or_the_tail_cut_then_found(
    large: list[bytes],
) -> None:
    state, end, before = Verifier(KEYS), large[-1], b""
    for line, behind in zip(large, [*large[1:], b""], strict=True):
        if line.startswith(b'{"kind":"event"'):
            assert is_found(state, end), "cut"
            assert is_found(state, before), "inserted"
            if behind.startswith(b'{"kind":"event"'):
                assert is_found(state, behind), "dropped or swapped"
            before = line
        state.take(line)


def test_log_when_it_is_cut_without_its_last_line_then_found() -> None:
    lines = exported(small())
    assert first(read(lines[:-1]))[1] == "the file ends before its last line: it was cut"


@pytest.mark.parametrize("kind", ["checkpoint", "unsealed"])
def test_log_when_a_line_beside_the_chain_is_dropped_then_found(
    large: list[bytes], kind: str
) -> None:
    at = next(at for at, line in enumerate(large) if f'"kind":"{kind}"'.encode() in line)
    _, what = first(read(large[:at] + large[at + 1 :]))
    assert what == "a line before this one was changed, removed or added"


def test_log_when_the_database_has_lost_its_tail_but_not_its_checkpoint_then_found() -> None:
    lines = [line for line in small() if not isinstance(line, Entry) or line.seq <= 900]
    assert "the checkpoint over 1000 events" in first(read(exported(lines)))[1]


def test_log_when_the_whole_database_was_set_back_then_only_an_anchor_shows_it() -> None:
    whole, before = small(), exported(list(chained(700)))
    tree = Frontier()
    for line in whole:
        if isinstance(line, Entry):
            tree += bytes.fromhex(line.mac)
    report = read(before)
    assert not report.problems
    assert any("behind event 700" in sentence for sentence in report.unproven)
    kept = Anchor(tree.size, tree.root.hex())
    assert "it was cut" in first(read(before, anchor=kept))[1]
    assert not read(exported(whole), anchor=kept).problems


def test_log_when_it_was_written_anew_with_the_right_key_then_an_anchor_shows_it() -> None:
    report = read(exported(small()), anchor=Anchor(1_000, "0" * 64))
    assert first(report) == (1_000, "the log up to here is not the one that the anchor was made of")


def test_log_when_an_event_is_gone_then_it_is_named_and_the_rest_is_still_checked() -> None:
    lines: list[Line] = [
        msgspec.structs.replace(line, event=None, event_mac=None, event_key_id=None)
        if isinstance(line, Entry) and line.seq == 17
        else line
        for line in small()
    ]
    report = read(exported(lines))
    assert report.found == 1
    assert report.problems[0].seq == 17


def test_log_when_a_checkpoint_is_forged_then_found() -> None:
    lines = small()
    stranger = AuditKeys(Keys(Master("m1", b"\x60" * 32)))
    lines[501] = checkpoint(stranger, Frontier(500, (b"\0" * 32,)))
    assert first(read(exported(lines)))[1] == "the checkpoint over 500 events is not signed by us"


def test_log_when_the_keys_were_rotated_then_proven_and_the_old_one_does_not_come_back() -> None:
    lines = list(chained(SMALL, rotated_at=600))
    newer = AuditKeys(KEYS.keys, 2)
    assert not read(exported(lines, newer)).problems
    assert "rotated out" in first(read(exported(lines)))[1]
    forged = list(chained(SMALL))
    back = [*lines[:801], *forged[801:]]
    assert first(read(exported(back, newer))) == (800, "the key m1.1 had been rotated out before")


def test_log_when_events_are_older_than_the_chain_then_that_is_said() -> None:
    old = msgspec.structs.replace(loose(SMALL + 1), event_mac=None, event_key_id=None)
    report = read(exported([*small(), old]))
    assert not report.problems
    assert any(sentence.startswith("1 events carry no") for sentence in report.unproven)


def test_log_when_the_key_is_another_then_nothing_is_proven() -> None:
    report = verify(exported(small()), AuditKeys(Keys(Master("m1", b"\0" * 32))))
    assert report.found >= 2 * report.events
    elsewhere = verify(exported(small()), AuditKeys(Keys(Master("m2", b"\x5f" * 32))))
    assert "does not come from this master key" in elsewhere.problems[0].what


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]\n", b"\xff\xfe", b'{"kind":"event"}', b"[" * 5_000]
)
def test_log_when_a_line_is_no_line_then_found_and_reading_goes_on(line: bytes) -> None:
    lines = exported(small())
    report = read([*lines[:5], line, *lines[5:]])
    assert report.problems[0].line == 6
    assert report.events == SMALL
    assert report.found == 2


def test_log_when_line_ends_were_converted_then_still_proven() -> None:
    lines = [line.rstrip(b"\n") + b"\r\n" for line in exported(small())]
    assert not read(lines).problems


def test_event_when_it_is_written_otherwise_but_says_the_same_then_still_proven() -> None:
    lines = exported(small())
    entry = deepcopy(json.loads(lines[3]))
    again = json.dumps(dict(reversed(entry.items())), indent=None).encode()
    state = Verifier(KEYS)
    for line in (*lines[:3], again):
        state.take(line)
    assert state.found == 0
    assert write(small()[3]) == lines[3]
