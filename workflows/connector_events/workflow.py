"""Applies the events of one connection until none is left; the next one that comes in starts it again."""

import asyncio
import contextlib

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.connector_events import activities
    from workflows.contracts import WAKE, EventsInput, Process
    from workflows.runtime import policies


@workflow.defn(name=Process.CONNECTOR_EVENTS)
class ConnectorEvents:
    """One at a time per connection: its workflow id is the connection."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """Something has come in."""
        self._woken = True

    @workflow.run
    async def run(self, given: EventsInput) -> None:
        """Batch by batch; between two attempts at what has failed it waits, unless something new comes in."""
        while True:
            self._woken = False
            left = await workflow.execute_activity(
                activities.apply_events, given, **policies.EVENTS
            )
            if not left.more and not self._woken:
                if left.retry_in is None:
                    return
                with contextlib.suppress(asyncio.TimeoutError):
                    await workflow.wait_condition(lambda: self._woken, timeout=left.retry_in)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)
