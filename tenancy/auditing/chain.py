"""What the audit's MACs and signatures are made of. Pure: rows in, bytes out; a verifier elsewhere needs no more.

An event's MAC covers its canonical JSON (RFC 8785). A link's covers its number, the link before it and the event's
MAC. A checkpoint signs the Merkle root (RFC 6962) over the MACs of all links so far.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.core.canonical import canonical
from backend.core.crypto import AuditKeys, UnknownKeyError

NOTHING = "0" * 64
"""Stands for the link before the first."""
_EXACT = 2**53  # beyond it, a float and what PostgreSQL makes of it may differ


def moment(at: datetime) -> str:
    """A time as events and checkpoints write it: UTC with all of its microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def event_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event as it is authenticated and exported, from the columns of its row."""
    actor_id = row["actor_id"]
    return {
        "orgId": str(row["org_id"]),
        "id": str(row["id"]),
        "at": moment(row["at"]),
        "actorId": None if actor_id is None else str(actor_id),
        "channel": row["channel"],
        "action": row["action"],
        "subjectId": str(row["subject_id"]),
        "details": row["details"],
        "requestId": row["request_id"],
    }


def event_mac(keys: AuditKeys, org_id: str, key_id: str, event: Mapping[str, Any]) -> str:
    """Authenticates the whole event. Raises :class:`ValueError` for what has no one way of being written."""
    _exact(event.get("details"))
    return _mac(keys.key(org_id, key_id), b"event\n" + canonical(event))


def link_mac(
    keys: AuditKeys,
    org_id: str,
    key_id: str,
    *,
    seq: int,
    previous: str,
    event_id: str,
    event_mac: str,
) -> str:
    """Ties an event to its place and to everything before it."""
    told = "\n".join(("link", org_id, str(seq), previous, event_id, event_mac))
    return _mac(keys.key(org_id, key_id), told.encode())


def end_mac(keys: AuditKeys, org_id: str, key_id: str, end: Mapping[str, Any]) -> str:
    """Authenticates what an export says of the log at its time."""
    return _mac(keys.key(org_id, key_id), f"end\n{org_id}\n".encode() + canonical(end))


def sign(keys: AuditKeys, org_id: str, key_id: str, *, size: int, root: str, at: str) -> str:
    """The Ed25519 signature of a checkpoint."""
    signature = _signer(keys, org_id, key_id).sign(_checkpoint(org_id, size, root, at))
    return signature.hex()


def is_signed(
    keys: AuditKeys, org_id: str, key_id: str, signature: str, *, size: int, root: str, at: str
) -> bool:
    """Whether :func:`sign` has made this."""
    public = _signer(keys, org_id, key_id).public_key()
    try:
        public.verify(bytes.fromhex(signature), _checkpoint(org_id, size, root, at))
    except (InvalidSignature, ValueError):
        return False
    return bytes.fromhex(signature).hex() == signature


def public_key(keys: AuditKeys, org_id: str, key_id: str) -> str:
    """With this anybody can check a checkpoint, and nobody can make one. Empty for a key id that is not ours."""
    try:
        return _signer(keys, org_id, key_id).public_key().public_bytes_raw().hex()
    except UnknownKeyError:
        return ""


def _signer(keys: AuditKeys, org_id: str, key_id: str) -> Ed25519PrivateKey:
    seed = keys.key(org_id, key_id, purpose="audit-checkpoint")
    return Ed25519PrivateKey.from_private_bytes(seed)


def _checkpoint(org_id: str, size: int, root: str, at: str) -> bytes:
    return "\n".join(("checkpoint", org_id, str(size), root, at)).encode()


def _mac(key: bytes, told: bytes) -> str:
    return hmac.digest(key, told, hashlib.sha256).hex()


def _exact(value: object) -> None:
    if isinstance(value, float) and abs(value) >= _EXACT:
        raise ValueError(f"{value} is too large a number for the audit; write it as a text")
    if isinstance(value, Mapping):
        for inner in value.values():
            _exact(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _exact(inner)
