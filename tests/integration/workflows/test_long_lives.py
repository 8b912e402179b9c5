"""Runs wait for weeks: over histories that have grown full, with timers as long as the policy says."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from backend.core.settings import Settings
from backend.proposals.views import ProposalView
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process, workflow_id

_MONTH = timedelta(days=30)
_FULL = 4_096  # events, after which the engine suggests to continue as new
_TOGETHER = 64


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


@pytest.fixture
def today(environ: Mapping[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker with the code as it is."""
    process = WorkerProcess(environ, tmp_path / "today.log")
    yield process
    process.kill()


def workflow_of(client: Client, desk: Desk, view: ProposalView) -> WorkflowHandle[object, None]:
    return client.get_workflow_handle(workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id))


async def test_run_waits_for_people_on_one_timer_of_thirty_days(
    opened: OpenDesk, account: Account, client: Client, today: WorkerProcess
) -> None:
    account.overdue_invoice()
    patient = replace(
        quick().policy,
        due_seconds=_MONTH.total_seconds(),
        remind_after_seconds=None,
        escalate_after_seconds=None,
        escalate_to=(),
    )
    await today.start()
    desk = await opened(definition=quick(policy=patient))
    view = await desk.one_proposal()

    async def timers() -> list[timedelta]:
        history = await workflow_of(client, desk, view).fetch_history()
        return [
            event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
            for event in history.events
            if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
        ]

    [waiting] = await eventually(timers, "the timer")
    assert _MONTH - timedelta(minutes=1) < waiting <= _MONTH
