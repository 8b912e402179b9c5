"""Verifies an exported log. Pure: lines and keys in, a report out; it knows no database and no network."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from backend.core.crypto import AuditKeys, UnknownKeyError
from backend.core.merkle import Frontier
from tenancy.auditing import chain
from tenancy.auditing.lines import (
    VERSION,
    Checkpoint,
    End,
    Entry,
    Header,
    Line,
    Unsealed,
    digest,
    read,
    told,
)

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Anchor:
    """The Merkle root over the first ``size`` links, as somebody has kept it elsewhere."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one line, in a sentence. ``seq`` is the place in the chain, if it has one."""

    line: int
    what: str
    seq: int | None = None
    event: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: how many problems, the first of them, and what no line could show (``unproven``)."""

    events: int
    checkpoints: int
    root: str
    found: int
    problems: tuple[Problem, ...]
    unproven: tuple[str, ...]


def verify(lines: Iterable[bytes], keys: AuditKeys, anchor: Anchor | None = None) -> Report:
    """Read a whole export."""
    verifier = Verifier(keys, anchor)
    for line in lines:
        verifier.take(line)
    return verifier.report()


@dataclass(slots=True)
class Verifier:
    """Reads one line after the other, and remembers no more than it needs for the next."""

    keys: AuditKeys
    anchor: Anchor | None = None
    problems: list[Problem] = field(default_factory=list)
    found: int = 0
    _line: int = 0
    _org_id: str | None = None
    _seq: int = 0
    _previous: str | None = chain.NOTHING  # None behind a gap: what was there is not known
    _generation: tuple[int, int] = (0, 0)
    _tree: Frontier = field(default_factory=Frontier)
    _is_whole: bool = True  # every leaf of the tree so far is known
    _checkpoints: int = 0
    _covered: int = 0
    _unsealed: int = 0
    _first_unsealed: str = ""
    _without_mac: int = 0
    _digest: bytes = b""
    _is_anchored: bool = False
    _end: End | None = None

    def take(self, text: bytes) -> None:
        """The next line."""
        self._line += 1
        try:
            line = read(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._found(f"this line cannot be read: {error}")
        else:
            self._judge(line)
        self._digest = digest(self._digest, text)

    def report(self) -> Report:
        """What is to be said at the end of the file."""
        if self._end is None:
            self._found("the file ends before its last line: it was cut")
        if self.anchor is not None and not self._is_anchored:
            self._found(
                f"the log ends at event {self._seq}, before the {self.anchor.size} that the anchor covers: it was cut"
                if self._seq < self.anchor.size
                else f"the anchor over {self.anchor.size} events could not be compared: earlier ones are missing"
            )
        return Report(
            events=self._seq,
            checkpoints=self._checkpoints,
            root=self._tree.root.hex(),
            found=self.found,
            problems=tuple(self.problems),
            unproven=tuple(self._unproven()),
        )

    def _judge(self, line: Line) -> None:
        if self._end is not None:
            self._found("nothing may follow the last line", line)
        if isinstance(line, Header):
            self._begin(line)
            return
        if self._org_id is None:
            self._found("the file does not begin with its header", line)
            self._org_id = ""
        try:
            match line:
                case Entry():
                    self._entry(line, self._org_id)
                case Checkpoint():
                    self._checkpoint(line, self._org_id)
                case Unsealed():
                    self._loose(line, self._org_id)
                case End():
                    self._finish(line, self._org_id)
        except UnknownKeyError as error:
            self._found(str(error), line)
        if isinstance(line, Entry):
            self._pass(line)

    def _begin(self, line: Header) -> None:
        if self._org_id is not None:
            self._found("a header in the middle of the file")
        elif line.version != VERSION:
            self._found(f"this is version {line.version} of the file; {VERSION} is known here")
        self._org_id = line.org_id

    def _entry(self, line: Entry, org_id: str) -> None:
        if line.seq != self._seq + 1:
            self._found(f"event {line.seq} stands where {self._seq + 1} belongs", line)
            self._previous, self._is_whole = None, False
        elif self._unsealed or self._without_mac:
            self._found("an event of the chain behind those outside of it", line)
        if line.event is None or line.event_mac is None or line.event_key_id is None:
            self._found(
                f"event {line.event_id} is gone from the database, or what authenticated it", line
            )
        else:
            self._event(line, org_id, line.event, line.event_mac, line.event_key_id)
            self._link(line, org_id, line.event_mac)

    def _event(
        self, line: Entry | Unsealed, org_id: str, event: dict[str, Any], mac: str, key_id: str
    ) -> None:
        try:
            right = chain.event_mac(self.keys, org_id, key_id, event)
        except (ValueError, RecursionError):  # no canonical form, so it was never authenticated
            right = ""
        if mac != right:
            self._found("the event is not what was recorded: it was changed or forged", line)

    def _link(self, line: Entry, org_id: str, event_mac: str) -> None:
        self._generation = self._in_use(line)
        if self._previous is None:
            return
        right = chain.link_mac(
            self.keys,
            org_id,
            line.key_id,
            seq=line.seq,
            previous=self._previous,
            event_id=line.event_id,
            event_mac=event_mac,
        )
        if line.mac != right:
            self._found("the chain is broken here: this is not the event that was sealed", line)

    def _in_use(self, line: Entry | Checkpoint | End) -> tuple[int, int]:
        """The generation of a line's key, which none before it may have replaced."""
        generation = self.keys.generation_of(line.key_id)
        if generation < self._generation:
            self._found(f"the key {line.key_id} had been rotated out before", line)
        return generation

    def _pass(self, line: Entry) -> None:
        """Go on behind an entry, whatever was found in it."""
        self._seq, self._previous = line.seq, line.mac
        try:
            self._tree += bytes.fromhex(line.mac)
        except ValueError:
            self._is_whole = False
        if self._is_whole and self.anchor is not None and self._tree.size == self.anchor.size:
            self._is_anchored = True
            if self._tree.root.hex() != self.anchor.root:
                self._found("the log up to here is not the one that the anchor was made of", line)

    def _checkpoint(self, line: Checkpoint, org_id: str) -> None:
        self._checkpoints += 1
        self._in_use(line)
        of = f"the checkpoint over {line.size} events"
        signed = chain.is_signed(
            self.keys,
            org_id,
            line.key_id,
            line.signature,
            size=line.size,
            root=line.root,
            at=line.at,
        )
        if not signed or line.public_key != chain.public_key(self.keys, org_id, line.key_id):
            self._found(f"{of} is not signed by us", line)
        elif line.size != self._seq:
            self._found(f"{of} stands behind event {self._seq}: events were removed", line)
        elif self._is_whole and line.root != self._tree.root.hex():
            self._found(f"{of} was made of another log", line)
        elif self._is_whole:
            self._covered = line.size

    def _loose(self, line: Unsealed, org_id: str) -> None:
        if line.event_mac is None or line.event_key_id is None:
            self._without_mac += 1
            return
        self._unsealed += 1
        self._first_unsealed = self._first_unsealed or str(line.event.get("id"))
        self._event(line, org_id, line.event, line.event_mac, line.event_key_id)

    def _finish(self, line: End, org_id: str) -> None:
        self._end = line
        self._in_use(line)
        if line.mac != chain.end_mac(self.keys, org_id, line.key_id, told(line)):
            self._found("the last line is not what was exported: it was changed or forged", line)
        elif line.size != self._seq:
            self._found(f"the log had {line.size} sealed events; here are {self._seq}", line)
        elif line.last_mac != self._previous:
            self._found("the head of the chain is not its last event", line)
        elif line.digest != self._digest.hex():
            self._found("a line before this one was changed, removed or added", line)

    def _unproven(self) -> Iterable[str]:
        if self._seq > (known := max(self._covered, self.anchor.size if self.anchor else 0)):
            yield (
                f"Events {known + 1} to {self._seq} have no checkpoint yet: they are authenticated and in order, "
                "but no signed root covers them."
            )
        yield (
            f"Whether the log went on behind event {self._seq} before somebody set the whole database back to an "
            "earlier state: only a later root that was kept elsewhere shows that (--anchor SIZE:ROOT)."
        )
        if self._unsealed:
            yield (
                f"{self._unsealed} events are not in the chain yet: they are authenticated, but whether others "
                f"beside them were removed cannot be said. The first is {self._first_unsealed}."
            )
        if self._without_mac:
            yield (
                f"{self._without_mac} events carry no authentication: they were recorded before the chain began, or "
                "somebody wants to make it look so."
            )

    def _found(self, what: str, line: Line | None = None) -> None:
        seq = line.seq if isinstance(line, Entry) else None
        event = line.event if isinstance(line, Entry | Unsealed) else None
        self.found += 1
        if len(self.problems) < _KEPT:
            self.problems.append(Problem(self._line, what, seq, event))
