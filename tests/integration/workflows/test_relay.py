"""The relay: what was committed reaches the engine, also when the engine or another relay was in the way."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from temporalio.client import Client
from temporalio.service import RPCError

from backend.core.db import Database
from backend.core.ids import RunId
from backend.core.settings import Settings
from tenancy.models.change import Outbox
from tenancy.session import system
from tests.desk import Desk
from tests.faults import tunnel
from tests.waiting import eventually
from workflows.client import Workflows, connect
from workflows.contracts import Process, workflow_id
from workflows.relay import EngineAwayError, Relay


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


@pytest.fixture
def relay(settings: Settings, database: Database, client: Client) -> Relay:
    return Relay(settings.database, database, client)


@pytest.fixture(autouse=True)
async def _nothing_left_over(relay: Relay) -> None:
    while await relay.sweep():
        pass


async def started(client: Client, desk: Desk, run_id: RunId) -> bool:
    handle = client.get_workflow_handle(workflow_id(Process.PLAYBOOK_RUN, desk.org_id, run_id))
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def delivered(database: Database, run_id: RunId) -> bool:
    async with system(database) as session:
        row = await session.scalar(select(Outbox).where(Outbox.subject_id == run_id))
    assert row is not None
    return row.delivered_at is not None


async def test_committed_request_is_started_by_a_sweep_and_marked_delivered(
    desk: Desk, relay: Relay, client: Client, database: Database
) -> None:
    run_id = await desk.start(call=False)
    assert not await started(client, desk, run_id)
    assert await relay.sweep() == 1
    assert await started(client, desk, run_id)
    assert await delivered(database, run_id)
    assert await relay.sweep() == 0


async def test_request_that_the_api_has_started_already_is_delivered_without_harm(
    desk: Desk, relay: Relay, database: Database
) -> None:
    run_id = await desk.start(call=True)
    assert await relay.sweep() == 1
    assert await delivered(database, run_id)


async def test_request_while_the_engine_is_away_stays_and_is_started_afterwards(
    desk: Desk, relay: Relay, settings: Settings, database: Database, client: Client
) -> None:
    run_id = await desk.start(call=False)
    async with tunnel(settings.temporal.address) as address:
        through = replace(settings, temporal=replace(settings.temporal, address=address))
        cut_off = Relay(settings.database, database, await connect(through))
    with pytest.raises(EngineAwayError):
        await cut_off.sweep()
    assert not await delivered(database, run_id)
    await relay.sweep()
    assert await started(client, desk, run_id)


async def test_commit_wakes_a_listening_relay_before_its_next_sweep(
    desk: Desk, relay: Relay, client: Client
) -> None:
    running = asyncio.create_task(relay.run())

    async def listening() -> bool:
        return relay.is_listening

    await eventually(listening, "the relay listens")
    run_id = await desk.start(call=False)

    async def there() -> bool:
        return await started(client, desk, run_id)

    await eventually(there, "the start after the commit", seconds=5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_two_relays_at_once_do_not_deliver_the_same_row(
    desk: Desk, relay: Relay, settings: Settings, database: Database, client: Client
) -> None:
    for _ in range(5):
        await desk.start(call=False)
    other = Relay(settings.database, database, client)
    assert sum(await asyncio.gather(relay.sweep(), other.sweep())) == 5


async def test_api_when_the_engine_is_away_returns_in_time_and_raises_nothing(
    desk: Desk, settings: Settings
) -> None:
    nowhere = replace(settings, temporal=replace(settings.temporal, address="127.0.0.1:1"))
    workflows = Workflows(nowhere)
    run_id = await desk.start(call=False)
    async with asyncio.timeout(4):
        await workflows.start_playbook_run(desk.org_id, run_id)
        assert not await workflows.ready()


async def test_wake_up_of_a_run_that_never_was_is_taken_for_delivered(
    desk: Desk, workflows: Workflows
) -> None:
    await workflows.wake(desk.org_id, RunId(desk.org_id))
    assert await workflows.ready()
