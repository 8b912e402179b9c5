"""The lines of an NDJSON export: all that a verifier without a database needs. Bytes are written as hexadecimal.

A header, then every link of the chain with its event and, where they were made, the checkpoints; then the events that
are not in the chain; at last what the log was at the time, authenticated.
"""

import hashlib
from typing import Any

import msgspec

VERSION = 1


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Base of the lines; ``kind`` tells them apart."""


class Header(_Line, frozen=True, tag_field="kind", tag="log"):
    """Whose log it is."""

    version: int
    org_id: str


class Entry(_Line, frozen=True, tag_field="kind", tag="event"):
    """A link of the chain and its event; without one, the event is gone from the database."""

    seq: int
    event_id: str
    mac: str
    key_id: str
    event: dict[str, Any] | None
    event_mac: str | None
    event_key_id: str | None


class Unsealed(_Line, frozen=True, tag_field="kind", tag="unsealed"):
    """An event outside of the chain: just written, or (without MAC) older than the chain."""

    event: dict[str, Any]
    event_mac: str | None
    event_key_id: str | None


class Checkpoint(_Line, frozen=True, tag_field="kind", tag="checkpoint"):
    """The signed Merkle root over the first ``size`` links. The public key is for those who have no other."""

    size: int
    root: str
    at: str
    key_id: str
    signature: str
    public_key: str


class End(_Line, frozen=True, tag_field="kind", tag="end"):
    """What the log was when it was exported, and the digest of all lines before, authenticated with ``mac``."""

    exported_at: str
    size: int
    last_mac: str
    digest: str
    key_id: str
    mac: str


Line = Header | Entry | Unsealed | Checkpoint | End
_DECODER: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def read(line: bytes) -> Line:
    """One line. Raises :class:`msgspec.DecodeError`, also for fields that are too many or too few."""
    return _DECODER.decode(line)


def write(line: Line) -> bytes:
    """The line with its line feed."""
    return msgspec.json.encode(line) + b"\n"


def digest(before: bytes, line: bytes) -> bytes:
    """The digest of all lines up to this one, from that of those before it; line ends do not count."""
    return hashlib.sha256(before + line.rstrip(b"\r\n")).digest()


def told(end: End) -> dict[str, Any]:
    """What the last line's MAC covers."""
    values: dict[str, Any] = msgspec.to_builtins(end)
    return {name: value for name, value in values.items() if name not in ("kind", "mac")}
