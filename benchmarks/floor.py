"""The bare floor: the smallest workflow with the same turns (step, wait for a signal, step) on the same server.

It has its own task queue and its own worker, in this process: no database, no encryption, no API.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from benchmarks.timeline import Timeline
from tests.waiting import eventually

_LIMIT = timedelta(seconds=30)


@activity.defn(name="floor_step")
async def step() -> None:
    """Does nothing."""


@workflow.defn(name="floor")
class FloorWorkflow:
    """Step, wait, step."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.signal
    def wake(self) -> None:
        """Go on."""
        self._woken = True

    @workflow.run
    async def run(self) -> None:
        """The three turns."""
        await workflow.execute_activity(step, start_to_close_timeout=_LIMIT)
        await workflow.wait_condition(lambda: self._woken)
        await workflow.execute_activity(step, start_to_close_timeout=_LIMIT)


@dataclass(frozen=True)
class Turn:
    """Milliseconds of one workflow, from the call to the engine's event."""

    first_step: float
    resumed: float
    confirmed: float


class Floor:
    """The measurements; use :meth:`worker` around them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._queue = f"floor-{secrets.token_hex(4)}"

    def worker(self, *, cached: int = 2_000) -> Worker:
        """The worker of this queue, in this process."""
        return Worker(
            self._client,
            task_queue=self._queue,
            workflows=[FloorWorkflow],
            activities=[step],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=cached,
        )

    async def turns(self, rounds: int, parallel: int) -> list[Turn]:
        """So many workflows at a time, one batch after the other: all are started, all wait, all are woken."""
        found: list[Turn] = []
        for _ in range(rounds):
            begun = await asyncio.gather(*(self._start() for _ in range(parallel)))
            await self._all_wait([handle for handle, _ in begun])
            woken = await asyncio.gather(*(_wake(handle) for handle, _ in begun))
            for (handle, started), signalled in zip(begun, woken, strict=True):
                found.append(await self._turn(handle, started, signalled))
        return found

    async def per_second(self, count: int, parallel: int) -> float:
        """Whole workflows a second, so many at a time."""
        places = asyncio.Semaphore(parallel)

        async def one() -> None:
            async with places:
                handle, _ = await self._start()
                await _wake(handle)

        began = time.monotonic()
        await asyncio.gather(*(one() for _ in range(count)))
        return count / (time.monotonic() - began)

    async def leave_waiting(self, count: int) -> list[WorkflowHandle[FloorWorkflow, None]]:
        """So many workflows that wait for their signal."""
        handles = []
        for _ in range(0, count, 50):
            begun = await asyncio.gather(*(self._start() for _ in range(50)))
            handles += [handle for handle, _ in begun]
        await self._all_wait(handles)
        return handles

    async def _start(self) -> tuple[WorkflowHandle[FloorWorkflow, None], float]:
        began = time.time()
        name = f"floor/{secrets.token_hex(8)}"
        handle = await self._client.start_workflow(
            FloorWorkflow.run, id=name, task_queue=self._queue
        )
        return handle, began

    async def _all_wait(self, handles: Sequence[WorkflowHandle[FloorWorkflow, None]]) -> None:
        for handle in handles:

            async def waits(name: str = handle.id) -> bool:
                return bool((await Timeline.of(self._client, name)).activities)

            await eventually(waits, f"{handle.id} waits", seconds=300)

    async def _turn(
        self, handle: WorkflowHandle[FloorWorkflow, None], started: float, signalled: float
    ) -> Turn:
        timeline = await Timeline.of(self._client, handle.id)
        second = timeline.after_signal()
        return Turn(
            1000 * (timeline.first().began - started),
            1000 * (second.began - signalled),
            1000 * (second.ended - signalled),
        )


async def _wake(handle: WorkflowHandle[FloorWorkflow, None]) -> float:
    """Signal it and see it end; when the signal was sent."""
    began = time.time()
    await handle.signal(FloorWorkflow.wake)
    await handle.result()
    return began
