"""Counts requests against rate limits, by the strategies of the ``limits`` library, in this process or in Valkey."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import (
    MovingWindowRateLimiter,
    SlidingWindowCounterRateLimiter,
)
from limits.aio.strategies import RateLimiter as Strategy
from limits.errors import StorageError
from valkey.asyncio import BlockingConnectionPool

from tenancy.ratelimit import Claim, Count, Rule, Standing, TooManyRequestsError

IN_PROCESS = "async+memory://"
_CONNECTIONS = 16
_PATIENCE_SECONDS = 2.0
_AWAY_SECONDS = 10.0
_log = structlog.get_logger()


class RateLimiter:
    """Counts requests. ``uri``: ``async+memory://`` (this process) or ``async+valkey://host:port`` (all of them).

    When Valkey does not answer, this process counts for itself: limits are then held by each process alone.
    """

    def __init__(self, uri: str) -> None:
        self._own = _Counters(_Memory())
        self._pool = None if uri == IN_PROCESS else _pool(uri)
        self._shared = None if self._pool is None else _Counters(_valkey(uri, self._pool))
        self._away_until = 0.0

    async def hit(self, claims: Sequence[Claim]) -> Standing:
        """Count one request against each claim, in their order, up to the first that refuses."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await self._shared.hit(claims)
            except StorageError as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                _log.warning("ratelimit.storage.away", error=type(error.storage_error).__name__)
        return await self._own.hit(claims)

    async def require_all(self, claims: Sequence[Claim]) -> Standing:
        """As :meth:`hit`; raises :class:`TooManyRequestsError` when one of the limits is used up."""
        standing = await self.hit(claims)
        if standing.refused:
            raise TooManyRequestsError(standing)
        return standing

    async def require(self, rule: Rule, *identity: str) -> Standing:
        """As :meth:`require_all` for a single rule."""
        return await self.require_all([Claim(rule, identity)])

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.disconnect()


class _Counters:
    """The strategies of the library over one storage."""

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self._storage = storage
        self._moving = MovingWindowRateLimiter(storage)
        self._sliding = SlidingWindowCounterRateLimiter(storage)

    async def hit(self, claims: Sequence[Claim]) -> Standing:
        for claim in claims:
            if not await self._strategy(claim).hit(*_key(claim)):
                refused = replace(await self._count(claim), remaining=0)
                return Standing(
                    (refused,), refused
                )  # a refusal tells of its own limit, and costs little
        asking = [self._count(claim) for claim in claims]
        far = isinstance(
            self._storage, RedisStorage
        )  # at once, as each is a way to Valkey and back
        counts = await asyncio.gather(*asking) if far else [await one for one in asking]
        return Standing(tuple(counts))

    async def _count(self, claim: Claim) -> Count:
        rule = claim.rule
        stats = await self._strategy(claim).get_window_stats(*_key(claim))
        return Count(
            name=rule.name,
            amount=rule.item.amount,
            window=rule.item.get_expiry(),
            remaining=stats.remaining,
            resets_at=stats.reset_time,
        )

    def _strategy(self, claim: Claim) -> Strategy:
        return self._moving if claim.rule.exact else self._sliding


class _Memory(MemoryStorage):
    """The library's, which at every hit goes through all that it holds for what has expired; here once a second."""

    STORAGE_SCHEME = []  # noqa: RUF012 - the registry keeps the library's own
    _next_sweep = 0.0

    async def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the library's own name
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + 1
            await super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


def _valkey(uri: str, pool: BlockingConnectionPool) -> RedisStorage:
    options: dict[str, Any] = {"connection_pool": pool}
    return RedisStorage(uri, wrap_exceptions=True, **options)


def _pool(uri: str) -> BlockingConnectionPool:
    """Few connections for many requests: a crowd waits here for its turn, and not while it connects."""
    return BlockingConnectionPool.from_url(
        uri.removeprefix("async+"),
        max_connections=_CONNECTIONS,
        timeout=_PATIENCE_SECONDS,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
    )


def _key(claim: Claim) -> tuple[RateLimitItem, str, *tuple[str, ...]]:
    return claim.rule.item, claim.rule.name, *claim.identity
