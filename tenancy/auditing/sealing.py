"""Gives every committed event its place in the chain, and signs checkpoints. The only writer of the chain.

One transaction is all of it: a sealer that is killed has done nothing, and the next one goes on from the head.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import structlog
from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.core.clock import now
from backend.core.crypto import AuditKeys
from backend.core.merkle import Frontier
from tenancy.auditing.chain import NOTHING, link_mac, moment, sign
from tenancy.models.audit import AuditCheckpoint, AuditHead, AuditInbox, AuditLink

BATCH = 5_000
_ONE_AT_A_TIME = 0x61756469  # the advisory lock of all sealers of a database
_log = structlog.get_logger()
_Waiting: TypeAlias = Row[int, UUID, UUID, bytes]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed root; whoever keeps it elsewhere can prove later that nothing before it was changed."""

    org_id: UUID
    size: int
    root: str
    at: datetime


@dataclass(slots=True)
class _Head:
    seq: int
    mac: str
    key_id: str
    tree: Frontier


async def seal(sealer: AsyncEngine, keys: AuditKeys, *, limit: int = BATCH) -> int:
    """Chain the oldest events that wait; says how many. Does nothing while another sealer is at it.

    The sealer reads no event: what it chains is the MAC that the event was written with.
    """
    async with sealer.begin() as connection:
        if not await _alone(connection):
            return 0
        waiting = await _take(connection, limit)
        if not waiting:
            return 0
        heads = await _heads(connection, {row.org_id for row in waiting}, keys)
        links = [_link(heads[row.org_id], keys, row) for row in waiting]
        await connection.execute(insert(AuditLink), links)
        await _keep(connection, heads)
        return len(links)


async def checkpoint(sealer: AsyncEngine, keys: AuditKeys) -> Sequence[Checkpoint]:
    """Sign the chain of every organization that has grown since its last checkpoint."""
    async with sealer.begin() as connection:
        if not await _alone(connection):
            return []
        grown = select(AuditHead.__table__).where(AuditHead.seq > AuditHead.checkpointed)
        rows = [_checkpoint(keys, head) for head in await connection.execute(grown)]
        if rows:
            await connection.execute(insert(AuditCheckpoint), rows)
            done = (
                update(AuditHead)
                .where(AuditHead.org_id == bindparam("of"))
                .values(checkpointed=bindparam("upto"))
            )
            reached = [{"of": row["org_id"], "upto": row["size"]} for row in rows]
            await connection.execute(done, reached)
    return [Checkpoint(r["org_id"], r["size"], r["root"].hex(), r["at"]) for r in rows]


async def _alone(connection: AsyncConnection) -> bool:
    return bool(await connection.scalar(select(func.pg_try_advisory_xact_lock(_ONE_AT_A_TIME))))


async def _take(connection: AsyncConnection, limit: int) -> Sequence[_Waiting]:
    oldest = select(AuditInbox.id).order_by(AuditInbox.id).limit(limit)
    taken = delete(AuditInbox).where(AuditInbox.id.in_(oldest))
    rows = await connection.execute(
        taken.returning(AuditInbox.id, AuditInbox.org_id, AuditInbox.event_id, AuditInbox.event_mac)
    )
    return sorted(rows.all(), key=lambda row: row.id)


async def _heads(
    connection: AsyncConnection, org_ids: set[UUID], keys: AuditKeys
) -> Mapping[UUID, _Head]:
    found = select(AuditHead.__table__).where(AuditHead.org_id.in_(org_ids))
    known = {row.org_id: row for row in await connection.execute(found)}
    return {org_id: await _head(connection, org_id, known.get(org_id), keys) for org_id in org_ids}


async def _head(
    connection: AsyncConnection, org_id: UUID, known: Row[Any] | None, keys: AuditKeys
) -> _Head:
    """Where the chain goes on. The links are the truth: a head that does not fit them is made anew."""
    chain = select(AuditLink.seq, AuditLink.mac, AuditLink.key_id).where(AuditLink.org_id == org_id)
    last = (await connection.execute(chain.order_by(AuditLink.seq.desc()).limit(1))).one_or_none()
    if last is None:
        return _Head(0, NOTHING, keys.current, Frontier())
    tree = Frontier()
    if known is not None and (known.seq, known.mac) == (last.seq, last.mac):
        tree = Frontier.unpacked(known.seq, known.peaks)
    if not tree.is_plausible or tree.size != last.seq:
        _log.error("audit.head.unfit", org_id=str(org_id), seq=last.seq)
        tree = Frontier()
        for link in await connection.execute(chain.order_by(AuditLink.seq)):
            tree += link.mac
    return _Head(last.seq, last.mac.hex(), keys.not_before(last.key_id), tree)


def _link(head: _Head, keys: AuditKeys, waiting: _Waiting) -> Mapping[str, object]:
    head.seq += 1
    head.mac = link_mac(
        keys,
        str(waiting.org_id),
        head.key_id,
        seq=head.seq,
        previous=head.mac,
        event_id=str(waiting.event_id),
        event_mac=waiting.event_mac.hex(),
    )
    mac = bytes.fromhex(head.mac)
    head.tree += mac
    return {
        "org_id": waiting.org_id,
        "seq": head.seq,
        "event_id": waiting.event_id,
        "mac": mac,
        "key_id": head.key_id,
    }


async def _keep(connection: AsyncConnection, heads: Mapping[UUID, _Head]) -> None:
    kept = upsert(AuditHead)
    kept = kept.on_conflict_do_update(
        index_elements=[AuditHead.org_id],
        set_={name: kept.excluded[name] for name in ("seq", "mac", "key_id", "peaks")},
    )
    rows = [
        {
            "org_id": org_id,
            "seq": head.seq,
            "mac": bytes.fromhex(head.mac),
            "key_id": head.key_id,
            "peaks": head.tree.packed(),
        }
        for org_id, head in heads.items()
    ]
    await connection.execute(kept, rows)


def _checkpoint(keys: AuditKeys, head: Row[Any]) -> dict[str, Any]:
    root, at = Frontier.unpacked(head.seq, head.peaks).root, now()
    key_id = keys.not_before(head.key_id)
    signature = sign(keys, str(head.org_id), key_id, size=head.seq, root=root.hex(), at=moment(at))
    return {
        "org_id": head.org_id,
        "size": head.seq,
        "root": root,
        "at": at,
        "key_id": key_id,
        "signature": bytes.fromhex(signature),
    }
