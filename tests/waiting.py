"""Waits for something to become true, with a deadline; the only way in which a test lets time pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(
    look: Callable[[], Awaitable[T | None]], what: str, *, seconds: float = 30
) -> T:
    """The first result that is neither None nor False; fails with ``what`` when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)
