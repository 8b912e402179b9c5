"""Remembers whom a limit has just refused, so that a flood is refused again without asking the database who it is.

Who asks again meanwhile also waits a moment for the refusal: a client that asks as fast as it is answered would
otherwise keep the process busy with refusing, at the cost of everybody else. When the limit should have room again, one
request at a time is let through to see.
"""

import asyncio
import random
import time

from backend.core.crypto import hash_token
from tenancy.ratelimit import TooManyRequestsError

_LONGEST_SECONDS = 5.0
_LOOK_SECONDS = 0.2
_MOST = 10_000
_PAUSE_SECONDS = (0.1, 0.4)
_MOST_WAITING = 500


class Refusals:
    """The last refusals of this process, by token or cookie. Each holds until the limit has room, at most 5 s."""

    def __init__(self) -> None:
        self._held: dict[bytes, tuple[float, TooManyRequestsError]] = {}
        self._waiting = 0

    async def of(self, credential: str) -> TooManyRequestsError | None:
        """Why who comes with this is refused at this moment, if they are; it takes a moment to say so."""
        if not self._held:
            return None
        who = hash_token(credential)
        until, error = self._held.get(who, (0.0, None))
        if error is None:
            return None
        if (moment := time.time()) >= until:
            self._held[who] = (moment + _LOOK_SECONDS, error)
            return None
        await self._pause()
        return error

    def hold(self, credential: str, error: TooManyRequestsError) -> None:
        """Refuse who comes with this until the limit has room again."""
        moment = time.time()
        if len(self._held) >= _MOST:
            self._held = {who: held for who, held in self._held.items() if held[0] > moment}
        if len(self._held) < _MOST:
            until = min(error.standing.tightest.resets_at, moment + _LONGEST_SECONDS)
            self._held[hash_token(credential)] = (until, error)

    def release(self, credential: str) -> None:
        """There was room for who comes with this."""
        if self._held:
            self._held.pop(hash_token(credential), None)

    async def _pause(self) -> None:
        """Of different lengths, so that those who came together do not come together again."""
        if self._waiting >= _MOST_WAITING:
            return
        self._waiting += 1
        try:
            await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - no secret
        finally:
            self._waiting -= 1
