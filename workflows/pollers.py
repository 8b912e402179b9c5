"""Asks the workflow engine whether workers come for work."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from workflows.queues import AGENTS, DEFAULT, SYNC

_LATELY = timedelta(seconds=90)  # a poll of the SDK lasts up to 70 s
_PATIENCE = timedelta(seconds=2)


async def pollers(client: Client) -> Mapping[str, Sequence[str]]:
    """Who (``pid@machine``) has polled each of our task queues lately."""
    return {queue: await _of(client, queue) for queue in (AGENTS, SYNC, DEFAULT)}


async def _of(client: Client, queue: str) -> Sequence[str]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    found = await client.workflow_service.describe_task_queue(request, timeout=_PATIENCE)
    since = datetime.now(UTC) - _LATELY
    return [
        poller.identity
        for poller in found.pollers
        if poller.last_access_time.ToDatetime(UTC) >= since
    ]
