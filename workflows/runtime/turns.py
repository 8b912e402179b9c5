"""Shares a worker among organizations: each has only so many activities at work at a time, whatever waits of it.

An activity that waits for an outside system is not at work; its turn goes to the next one of its organization.
"""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from backend.core import outside
from backend.core.ids import OrgId


@dataclass(slots=True)
class _Line:
    """Who of one organization is at work and who waits, the lowest rank first, then in the order of coming."""

    working: int = 0
    waiting: list[tuple[str, int, asyncio.Future[None]]] = field(default_factory=list)


class Turns:
    """``each``: how many turns an organization has at the same time."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._lines: defaultdict[OrgId, _Line] = defaultdict(_Line)
        self._order = count()

    @asynccontextmanager
    async def turn(self, org_id: OrgId, rank: str) -> AsyncGenerator[None]:
        """Wait for a turn and have it for the block, but for the waits in it."""
        turn = _Turn(self, org_id, rank)
        await turn.begin()
        try:
            with outside.lent(turn.lend):
                yield
        finally:
            turn.end()

    async def take(self, org_id: OrgId, rank: str) -> None:
        """Wait until it is one's turn."""
        line = self._lines[org_id]
        if line.working < self._each:
            line.working += 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(line.waiting, (rank, next(self._order), called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self.give(org_id)
            raise

    def give(self, org_id: OrgId) -> None:
        """Let the next one of the organization work."""
        line = self._lines[org_id]
        while line.waiting:
            *_, called = heapq.heappop(line.waiting)
            if not called.done():
                called.set_result(None)
                return
        line.working -= 1
        if not line.working:
            del self._lines[org_id]


class _Turn:
    """One activity's turn, which it has or lends. It may wait for several things at the same time."""

    def __init__(self, turns: Turns, org_id: OrgId, rank: str) -> None:
        self._turns, self._org_id, self._rank = turns, org_id, rank
        self._taking = asyncio.Lock()
        self._held = self._over = False
        self._away = 0

    async def begin(self) -> None:
        """Wait for it, unless it is held already or not wanted any more."""
        async with self._taking:
            if self._held or self._away or self._over:
                return
            await self._turns.take(self._org_id, self._rank)
            self._held = True
            if self._away or self._over:
                self._let_go()

    def end(self) -> None:
        """It is over, also if somebody still waits in its name."""
        self._over = True
        self._let_go()

    @asynccontextmanager
    async def lend(self) -> AsyncGenerator[None]:
        """Let others work during the block. Who is cancelled in it needs no turn any more."""
        self._away += 1
        self._let_go()
        cancelled = False
        try:
            yield
        except asyncio.CancelledError:
            cancelled = True
            raise
        finally:
            self._away -= 1
            if not cancelled:
                await self.begin()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._turns.give(self._org_id)
