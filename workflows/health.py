"""Whether a worker on this machine serves every task queue: ``python -m workflows.health``, for a container's health.

Asks the workflow engine who has polled lately: a worker that hangs or has lost the engine does not count.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

from temporalio.client import Client
from temporalio.service import RPCError

from backend.core.settings import SettingsError, load
from workflows.client import connect
from workflows.pollers import pollers


async def unserved(client: Client, machine: str) -> Sequence[str]:
    """The task queues that no worker on ``machine`` has polled lately."""
    served = await pollers(client)
    return [
        queue
        for queue, workers in served.items()
        if not any(worker.endswith(f"@{machine}") for worker in workers)
    ]


async def _check() -> str | None:
    """What is wrong, in a sentence."""
    try:
        missing = await unserved(await connect(load()), socket.gethostname())
    except (RPCError, RuntimeError, SettingsError) as error:
        return f"the workflow engine cannot be asked: {error}"
    return f"no worker here serves {', '.join(missing)}" if missing else None


def main() -> NoReturn:
    """Exit code 0 when it is healthy. The exit skips the interpreter's end, which the SDK's threads can abort."""
    trouble = asyncio.run(_check())
    if trouble is not None:
        sys.stderr.write(f"countersign: {trouble}\n")
        sys.stderr.flush()
    os._exit(0 if trouble is None else 1)


if __name__ == "__main__":
    main()
