"""Whether a worker on this machine serves every task queue: ``python -m workflows.health``, for a container's health.

Asks the workflow engine who has polled lately: a worker that hangs or has lost the engine does not count.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from backend.core.settings import SettingsError, load
from workflows.client import CALL_SECONDS, connect
from workflows.queues import AGENTS, DEFAULT, SYNC

_LATELY = timedelta(seconds=90)  # a poll of the SDK lasts up to 70 s


async def unserved(client: Client, machine: str) -> Sequence[str]:
    """The task queues that no worker on ``machine`` has polled lately."""
    return [q for q in (AGENTS, SYNC, DEFAULT) if not await _is_served(client, q, machine)]


async def _is_served(client: Client, queue: str, machine: str) -> bool:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    limit = timedelta(seconds=CALL_SECONDS)
    found = await client.workflow_service.describe_task_queue(request, timeout=limit)
    since = datetime.now(UTC) - _LATELY
    return any(
        poller.identity.endswith(f"@{machine}") and poller.last_access_time.ToDatetime(UTC) >= since
        for poller in found.pollers
    )


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
