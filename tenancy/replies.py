"""Replays the outcome of a POST whose ``Idempotency-Key`` comes again, instead of acting twice."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import Database
from backend.core.errors import InvalidInputError
from tenancy.context import Principal
from tenancy.models.change import StoredReply
from tenancy.session import tenant

_LONGEST_KEY = 255


class IdempotencyConflictError(InvalidInputError):
    """The key was used before for another request."""

    code = "idempotency_conflict"


class _TwinError(Exception):
    """A request with the same key has committed first; this one's transaction is undone."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body as they go over the wire."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key and the SHA-256 of what it was sent with."""

    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, key: str, path: str, body: bytes) -> "Idempotency":
        """The key with the fingerprint of path and body. Raises :class:`InvalidInputError` for an unfit key."""
        if not 0 < len(key) <= _LONGEST_KEY:
            raise InvalidInputError(f"Idempotency-Key must have 1 to {_LONGEST_KEY} characters")
        return cls(key, hashlib.sha256(path.encode() + b"\0" + body).digest())


async def once(
    database: Database,
    principal: Principal,
    idempotency: Idempotency | None,
    act: Callable[[AsyncSession], Awaitable[Reply]],
) -> tuple[Reply, bool]:
    """Run ``act`` in one transaction that also keeps its reply; ``True`` when a kept one is returned instead.

    Twins at the same time: the later one is undone and gets the reply of the first.
    """
    if idempotency is None:
        async with tenant(database, principal.tenant) as session:
            return await act(session), False
    try:
        async with tenant(database, principal.tenant) as session:
            kept = await find(session, principal, idempotency)
            if kept is not None:
                return kept, True
            reply = await act(session)
            await keep(session, principal, idempotency, reply)
            return reply, False
    except _TwinError:
        return await once(database, principal, idempotency, act)


async def find(
    session: AsyncSession, principal: Principal, idempotency: Idempotency
) -> Reply | None:
    """The kept reply. Raises :class:`IdempotencyConflictError` when the key belongs to another request."""
    row = await session.scalar(
        select(StoredReply).where(
            StoredReply.org_id == principal.org_id,
            StoredReply.user_id == principal.user_id,
            StoredReply.key == idempotency.key,
        )
    )
    if row is None:
        return None
    if row.fingerprint != idempotency.fingerprint:
        raise IdempotencyConflictError(
            "this Idempotency-Key was used for another request; use a new key for a new request"
        )
    return Reply(row.status, row.body)


async def keep(
    session: AsyncSession, principal: Principal, idempotency: Idempotency, reply: Reply
) -> None:
    """Keep the reply with the transaction's changes; ends the transaction when a twin has kept one first."""
    written = await session.execute(
        insert(StoredReply)
        .values(
            org_id=principal.org_id,
            user_id=principal.user_id,
            key=idempotency.key,
            fingerprint=idempotency.fingerprint,
            status=reply.status,
            body=reply.body,
        )
        .on_conflict_do_nothing()
        .returning(StoredReply.key)
    )
    if written.first() is None:
        raise _TwinError
