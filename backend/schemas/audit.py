"""Wire types of the audit."""

from datetime import datetime
from typing import Any

from backend.schemas.common import Permission, Person, Wire


class AuditEntry(Wire, frozen=True):
    """One act, with ``title`` in words; without an actor the system did it.

    ``about`` is its object in words, where the reader may read it: a proposal's sentence, a run's playbook, a name.
    ``seq``: its place in the chain, once it is sealed.
    """

    id: str
    at: datetime
    actor: Person | None
    channel: str
    action: str
    title: str
    subject_id: str
    about: str | None
    details: dict[str, Any]
    request_id: str | None
    seq: int | None


class AuditEntryList(Wire, frozen=True):
    """What was done, newest first. ``can_export``: whether the reader may take all of it away as a file."""

    items: list[AuditEntry]
    next_cursor: str | None
    can_export: Permission


class AuditAct(Wire, frozen=True):
    """A kind of act: its name, and the same in words."""

    name: str
    title: str


class AuditActList(Wire, frozen=True):
    """Everything that the audit keeps."""

    items: list[AuditAct]


class AuditCheckpoint(Wire, frozen=True):
    """The signed Merkle root (RFC 6962) over the first ``size`` entries; bytes are hexadecimal.

    What is signed (Ed25519): ``checkpoint``, the organization's id, size, root and time as written here, a line each.
    """

    size: int
    root: str
    at: str
    key_id: str
    signature: str
    public_key: str


class AuditCheckpointList(Wire, frozen=True):
    """The checkpoints, newest first."""

    items: list[AuditCheckpoint]
    next_cursor: str | None


class InclusionProof(Wire, frozen=True):
    """An entry's leaf, and the path that leads from it to the checkpoint's root."""

    entry_id: str
    seq: int
    leaf: str
    checkpoint: AuditCheckpoint
    path: list[str]


class ConsistencyProof(Wire, frozen=True):
    """What shows that the second checkpoint's log begins with the first one's."""

    first: AuditCheckpoint
    second: AuditCheckpoint
    path: list[str]
