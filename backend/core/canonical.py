"""Canonical JSON (RFC 8785) and its SHA-256: the bytes that digests and versions are made of."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> bytes:
    """The one way of writing a value; the order of keys does not matter."""
    return rfc8785.dumps(_plain(value))


def fingerprint(value: Json) -> str:
    """Hex SHA-256 of the value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Json) -> "rfc8785._impl._Value":
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
