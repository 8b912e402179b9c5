"""What the engine's own history says about a workflow: which step began and ended when. Reads no payloads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client


@dataclass(frozen=True)
class Ran:
    """One activity. ``after_signal``: it was scheduled after somebody had woken the workflow."""

    name: str
    began: float
    ended: float
    after_signal: bool


@dataclass(frozen=True)
class Timeline:
    """The activities of a workflow in their order, in Unix seconds."""

    activities: Sequence[Ran]

    @classmethod
    async def of(cls, client: Client, workflow_id: str) -> Self:
        """Read it from the engine."""
        scheduled: dict[int, tuple[str, bool]] = {}
        began: dict[int, float] = {}
        ran: list[Ran] = []
        signalled = False
        async for event in client.get_workflow_handle(workflow_id).fetch_history_events():
            match event.event_type:
                case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                    signalled = True
                case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                    kind = event.activity_task_scheduled_event_attributes.activity_type.name
                    scheduled[event.event_id] = (kind, signalled)
                case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                    of = event.activity_task_started_event_attributes.scheduled_event_id
                    began[of] = _at(event)
                case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                    of = event.activity_task_completed_event_attributes.scheduled_event_id
                    name, after = scheduled[of]
                    ran.append(Ran(name, began[of], _at(event), after))
        return cls(ran)

    def first(self) -> Ran:
        """The first step."""
        return self.activities[0]

    def after_signal(self, name: str | None = None) -> Ran:
        """The first step after the wake-up, or the first one of that name after it."""
        return next(one for one in self.activities if one.after_signal and name in (None, one.name))


def _at(event: HistoryEvent) -> float:
    moment: datetime = event.event_time.ToDatetime(UTC)
    return moment.timestamp()
