"""Runs wait for weeks: over histories that have grown full, with timers as long as the policy says."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from backend.core.settings import Settings
from backend.proposals.decisions import DecisionKind
from backend.proposals.views import ProposalView
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.replaying import replay
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import WAKE, Process, workflow_id

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


@pytest.mark.long
async def test_run_that_is_woken_thousands_of_times_continues_as_new_and_acts_once(
    desk: Desk, account: Account, client: Client, today: WorkerProcess
) -> None:
    account.overdue_invoice()
    await today.start()
    view = await desk.one_proposal()
    handle = workflow_of(client, desk, view)
    first = (await handle.describe()).run_id
    for _ in range(0, _FULL, _TOGETHER):
        await asyncio.gather(*(handle.signal(WAKE) for _ in range(_TOGETHER)))

    async def renewed() -> bool:
        return (await handle.describe()).run_id != first

    await eventually(renewed, "a new history")
    await desk.decide(view, DecisionKind.APPROVE)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    before = client.get_workflow_handle(handle.id, run_id=first)
    history = await before.fetch_history()
    last = history.events[-1].event_type
    assert last == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
    assert len(history.events) < 2 * _FULL
    await replay(history, patient=True)
