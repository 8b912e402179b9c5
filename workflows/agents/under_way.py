"""Requests of this process that have begun: an attempt that the engine begins again joins them and pays nothing.

The engine does so when it misses a heartbeat, also of a process that is only slow.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from pydantic_ai.messages import ModelResponse

_TASKS: dict[str, asyncio.Task[ModelResponse]] = {}
_log = structlog.get_logger()


async def joined(
    key: str, begin: Callable[[], Coroutine[Any, Any, ModelResponse]]
) -> ModelResponse:
    """The reply of the request under this key, begun unless it is under way.

    Who is cancelled leaves it running: it is paid for, so it is also written down.
    """
    task = _TASKS.get(key)
    if task is None:
        task = _TASKS[key] = asyncio.create_task(begin())
        task.add_done_callback(lambda done: _over(key, done))
    else:
        _log.info("model_call.joined")
    return await asyncio.shield(task)


def _over(key: str, task: asyncio.Task[ModelResponse]) -> None:
    del _TASKS[key]
    if not task.cancelled():
        task.exception()  # seen, even when whoever asked has been cancelled
