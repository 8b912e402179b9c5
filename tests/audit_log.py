"""An exported log as the product writes it, without a database: for tests of what a verifier finds in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.core.crypto import AuditKeys, Keys
from backend.core.masters import Master
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
    told,
    write,
)

ORG = str(UUID(int=7))
KEYS = AuditKeys(Keys(Master("m1", b"\x5f" * 32)))
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_EVERY = 500


def event(number: int) -> dict[str, Any]:
    return {
        "orgId": ORG,
        "id": str(UUID(int=number)),
        "at": chain.moment(_BEGAN + timedelta(seconds=number)),
        "actorId": str(UUID(int=1)) if number % 3 else None,
        "channel": "web",
        "action": "proposal.approved",
        "subjectId": str(UUID(int=number * 5)),
        "details": {"digest": f"{number:08x}", "amount": number, "share": 0.5, "late": False},
        "requestId": f"request-{number}",
    }


def chained(count: int, keys: AuditKeys = KEYS, *, rotated_at: int | None = None) -> Iterator[Line]:
    """Header, entries and checkpoints. From ``rotated_at`` on, the next generation of keys is used."""
    tree, previous = Frontier(), chain.NOTHING
    yield Header(version=VERSION, org_id=ORG)
    for seq in range(1, count + 1):
        if seq == rotated_at:
            keys = AuditKeys(keys.keys, keys.generation + 1)
        key_id, told_event = keys.current, event(seq)
        mac = chain.event_mac(keys, ORG, key_id, told_event)
        event_id = told_event["id"]
        previous = chain.link_mac(
            keys, ORG, key_id, seq=seq, previous=previous, event_id=event_id, event_mac=mac
        )
        tree += bytes.fromhex(previous)
        yield Entry(
            seq=seq,
            event_id=event_id,
            mac=previous,
            key_id=key_id,
            event=told_event,
            event_mac=mac,
            event_key_id=key_id,
        )
        if seq % _EVERY == 0:
            yield checkpoint(keys, tree)


def checkpoint(keys: AuditKeys, tree: Frontier) -> Checkpoint:
    key_id, root, at = keys.current, tree.root.hex(), chain.moment(_BEGAN)
    return Checkpoint(
        size=tree.size,
        root=root,
        at=at,
        key_id=key_id,
        signature=chain.sign(keys, ORG, key_id, size=tree.size, root=root, at=at),
        public_key=chain.public_key(keys, ORG, key_id),
    )


def loose(number: int, keys: AuditKeys = KEYS) -> Unsealed:
    """An event that is not in the chain yet."""
    mac = chain.event_mac(keys, ORG, keys.current, event(number))
    return Unsealed(event=event(number), event_mac=mac, event_key_id=keys.current)


def exported(lines: list[Line], keys: AuditKeys = KEYS) -> list[bytes]:
    """The file: the lines and the last one, which says what the log was."""
    written, running = [write(line) for line in lines], b""
    for line in written:
        running = digest(running, line)
    entries = [line for line in lines if isinstance(line, Entry)]
    end = End(
        exported_at=chain.moment(_BEGAN),
        size=entries[-1].seq if entries else 0,
        last_mac=entries[-1].mac if entries else chain.NOTHING,
        digest=running.hex(),
        key_id=keys.current,
        mac="",
    )
    mac = chain.end_mac(keys, ORG, keys.current, told(end))
    return [*written, write(msgspec.structs.replace(end, mac=mac))]
