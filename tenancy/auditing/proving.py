"""Proofs of RFC 6962 for those who keep checkpoints: an event is in one, and one goes on from another.

A proof hashes the whole chain up to its checkpoint: seconds for millions of events, away from the event loop.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import merkle
from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from tenancy.models.audit import AuditCheckpoint, AuditLink
from tenancy.models.change import AuditEvent


class EntryNotFoundError(NotFoundError):
    """There is no such event in this organization's audit."""

    code = "audit_entry_not_found"


class CheckpointNotFoundError(NotFoundError):
    """There is no checkpoint of this size."""

    code = "checkpoint_not_found"


class NotSignedYetError(ConflictError):
    """No checkpoint covers the event yet; one is made each minute."""

    code = "not_signed_yet"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The leaf of an event and its path to the root of the first checkpoint that covers it."""

    link: AuditLink
    checkpoint: AuditCheckpoint
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Consistency:
    """The path that leads to the roots of both checkpoints."""

    first: AuditCheckpoint
    second: AuditCheckpoint
    path: Sequence[bytes]


async def newest(
    session: AsyncSession, *, below: int | None, limit: int
) -> Sequence[AuditCheckpoint]:
    """The newest checkpoints, or those below a size."""
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(limit)
    if below is not None:
        query = query.where(AuditCheckpoint.size < below)
    return (await session.scalars(query)).all()


async def prove_inclusion(session: AsyncSession, event_id: UUID) -> Inclusion:
    """That an event is in the chain. Raises what says that there is none, or not yet."""
    known = await session.scalar(select(AuditEvent.id).where(AuditEvent.id == event_id))
    if known is None:
        raise EntryNotFoundError("there is no such entry in the audit")
    link = await session.scalar(select(AuditLink).where(AuditLink.event_id == event_id))
    checkpoint = None if link is None else await _covering(session, link.seq)
    if link is None or checkpoint is None:
        raise NotSignedYetError("no checkpoint covers this entry yet; ask again in a minute")
    path = await _path(session, checkpoint.size, merkle.inclusion, link.seq - 1)
    return Inclusion(link, checkpoint, path)


async def prove_consistency(session: AsyncSession, first: int, second: int) -> Consistency:
    """That the chain of the larger checkpoint begins with that of the smaller."""
    if first >= second:
        raise InvalidInputError("first is the smaller checkpoint, second the larger", field="first")
    older, newer = await _of_size(session, first), await _of_size(session, second)
    path = await _path(session, second, merkle.consistency, first)
    return Consistency(older, newer, path)


async def _covering(session: AsyncSession, seq: int) -> AuditCheckpoint | None:
    return await session.scalar(
        select(AuditCheckpoint)
        .where(AuditCheckpoint.size >= seq)
        .order_by(AuditCheckpoint.size)
        .limit(1)
    )


async def _of_size(session: AsyncSession, size: int) -> AuditCheckpoint:
    found = await session.scalar(select(AuditCheckpoint).where(AuditCheckpoint.size == size))
    if found is None:
        raise CheckpointNotFoundError(f"there is no checkpoint over {size} entries")
    return found


async def _path(
    session: AsyncSession, size: int, proof: Callable[[Sequence[bytes], int], list[bytes]], at: int
) -> list[bytes]:
    links = select(AuditLink.mac).where(AuditLink.seq <= size).order_by(AuditLink.seq)
    leaves = (await session.scalars(links)).all()
    return await asyncio.to_thread(lambda: proof([merkle.leaf_hash(one) for one in leaves], at))
