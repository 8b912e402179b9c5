"""Writes the whole log as NDJSON (``tenancy.auditing.lines``), batch by batch, with all that proves it.

Each batch is a transaction of its own: a slow reader holds no snapshot. What the log was at the beginning is what is
written; what comes meanwhile is left to the next export.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.core.clock import now
from backend.core.crypto import AuditKeys
from backend.core.db import Database
from tenancy.auditing import chain, reading
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
from tenancy.auditing.reading import State
from tenancy.context import TenantContext
from tenancy.models.audit import AuditCheckpoint, AuditLink
from tenancy.models.change import AuditEvent
from tenancy.session import tenant

_BATCH = 1_000


async def ndjson(database: Database, context: TenantContext) -> AsyncIterator[bytes]:
    """The file in pieces."""
    at, org_id, keys = now(), str(context.org_id), database.audit
    async with tenant(database, context) as session:
        state = await reading.state(session)
    running = b""
    async for batch in _batches(database, context, state, at):
        written = [write(line) for line in batch]
        for line in written:
            running = digest(running, line)
        if written:
            yield b"".join(written)
    yield write(_end(keys, org_id, state, at, running.hex()))


async def _batches(
    database: Database, context: TenantContext, state: State, at: datetime
) -> AsyncIterator[list[Line]]:
    yield [Header(version=VERSION, org_id=str(context.org_id))]
    reached = 0
    while True:
        async with tenant(database, context) as session:
            rows = await reading.links(session, after=reached, upto=state.reaches, limit=_BATCH)
            last = rows[-1][0].seq if len(rows) == _BATCH else state.signed
            upto = min(last, state.signed)
            signed = await reading.checkpoints(session, after=reached, upto=upto)
        yield _in_order(database.audit, [_entry(link, event) for link, event in rows], signed)
        if len(rows) < _BATCH:
            break
        reached = last
    after: UUID | None = None
    while True:
        async with tenant(database, context) as session:
            loose = await reading.unsealed(
                session, upto=state.reaches, until=at, after=after, limit=_BATCH
            )
        yield [_unsealed(event) for event in loose]
        if len(loose) < _BATCH:
            break
        after = loose[-1].id


def _in_order(
    keys: AuditKeys, entries: list[Entry], signed: Sequence[AuditCheckpoint]
) -> list[Line]:
    """Each checkpoint behind the entry that it ends with, or where that would be."""
    lines: list[tuple[int, int, Line]] = [(entry.seq, 0, entry) for entry in entries]
    lines += [(row.size, 1, _checkpoint(keys, row)) for row in signed]
    return [line for *_, line in sorted(lines, key=lambda one: one[:2])]


def _entry(link: AuditLink, event: AuditEvent | None) -> Entry:
    return Entry(
        seq=link.seq,
        event_id=str(link.event_id),
        mac=link.mac.hex(),
        key_id=link.key_id,
        event=None if event is None else _json(event),
        event_mac=None if event is None else _hex(event.mac),
        event_key_id=None if event is None else event.key_id,
    )


def _unsealed(event: AuditEvent) -> Unsealed:
    return Unsealed(event=_json(event), event_mac=_hex(event.mac), event_key_id=event.key_id)


def _checkpoint(keys: AuditKeys, row: AuditCheckpoint) -> Checkpoint:
    return Checkpoint(
        size=row.size,
        root=row.root.hex(),
        at=chain.moment(row.at),
        key_id=row.key_id,
        signature=row.signature.hex(),
        public_key=chain.public_key(keys, str(row.org_id), row.key_id),
    )


def _end(keys: AuditKeys, org_id: str, state: State, at: datetime, before: str) -> End:
    key_id = keys.not_before(state.key_id)
    end = End(
        exported_at=chain.moment(at),
        size=state.size,
        last_mac=state.last_mac,
        digest=before,
        key_id=key_id,
        mac="",
    )
    mac = chain.end_mac(keys, org_id, key_id, told(end))
    return msgspec.structs.replace(end, mac=mac)


def _json(event: AuditEvent) -> dict[str, Any]:
    return chain.event_json(vars(event))


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
