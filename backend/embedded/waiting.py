"""Waiting for something outside this process that announces nothing: ask, pause, ask again."""

import asyncio
import math
import time
from collections.abc import Callable


async def until(
    condition: Callable[[], bool], *, seconds: float = math.inf, every: float = 0.05
) -> bool:
    """Return True as soon as the condition holds, False when ``seconds`` have passed without."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every)
    return True
