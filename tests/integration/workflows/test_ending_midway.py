"""Runs that are ended at work, before they begin, and while the engine is away."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from backend.core.ids import RunId
from backend.core.settings import Settings, load
from tests.conformance.simulator.process import SimulatorProcess
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.ending import closed, end, state_of
from tests.faults import FaultProxy, Misfortune
from tests.providers import INPUT_TOKENS, Provider
from tests.replaying import replay
from tests.temporal_server import TemporalServer
from tests.worker import WorkerProcess
from workflows.client import Workflows, connect
from workflows.contracts import Process

_MODEL = "openai:gpt-5.6-sol"


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


@pytest.fixture
async def proxy(simulator: SimulatorProcess) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(simulator.url).running() as running:
        yield running


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture
def thinking(
    environ: Mapping[str, str], provider: Provider, proxy: FaultProxy, tmp_path: Path
) -> Iterator[WorkerProcess]:
    """A worker with a model that is paid for, whose way to the outside system can be held."""
    own = {
        "COUNTERSIGN_STRIPE_BASE": proxy.url,
        "COUNTERSIGN_MODEL": _MODEL,
        "COUNTERSIGN_MODEL_API_KEY": "sk-provider",
        "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
    }
    process = WorkerProcess({**environ, **own}, tmp_path / "log")
    yield process
    process.kill()


@pytest.fixture
def late(environ: Mapping[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that a test starts when it likes."""
    process = WorkerProcess(environ, tmp_path / "log")
    yield process
    process.kill()


async def test_run_cancelled_while_it_drafts_proposes_nothing_and_keeps_what_it_has_cost(
    opened: OpenDesk,
    account: Account,
    client: Client,
    thinking: WorkerProcess,
    proxy: FaultProxy,
) -> None:
    account.overdue_invoice()
    desk = await opened(definition=quick(_MODEL))
    await thinking.start()
    hanging = proxy.plan(Misfortune.HOLD, "GET", "/v1/charges")
    run_id = await desk.start()
    async with asyncio.timeout(60):
        await hanging.met.wait()
    await end(desk, run_id)
    [child] = await desk.children(run_id)
    for process, one in ((Process.PLAYBOOK_RUN, run_id), (Process.AGENT_RUN, child.row.id)):
        found = await closed(client, desk, process, one)
        assert (found.status, state_of(found)) == (WorkflowExecutionStatus.CANCELED, "cancelled")
        await replay(await client.get_workflow_handle(found.id).fetch_history())
    assert await desk.proposed(run_id) == []
    run = await desk.run(run_id)
    assert (run.row.state, run.counts.cancelled, run.counts.nothing_to_do) == ("cancelled", 1, 0)
    assert (run.row.model_calls, run.row.input_tokens) == (1, INPUT_TOKENS)


async def test_run_cancelled_before_a_worker_has_seen_it_never_begins(
    desk: Desk, account: Account, client: Client, late: WorkerProcess
) -> None:
    account.overdue_invoice()
    run_id = await desk.start()
    await end(desk, run_id)
    await late.start()
    await closed(client, desk, Process.PLAYBOOK_RUN, run_id)
    assert (await desk.run(run_id)).row.outcome == "Cancelled by Ben: The wrong playbook"
    assert await desk.children(run_id) == []


async def test_run_cancelled_and_started_again_by_a_late_relay_ends_at_once(
    desk: Desk, workflows: Workflows, client: Client, late: WorkerProcess
) -> None:
    run_id = await desk.start(call=False)
    await end(desk, run_id)
    await workflows.end(desk.org_id, run_id, at_once=False)  # the engine knows of no such run yet
    await workflows.start_playbook_run(desk.org_id, run_id)
    await late.start()
    found = await closed(client, desk, Process.PLAYBOOK_RUN, run_id)
    assert state_of(found) == "cancelled"
    assert (await desk.run(run_id)).row.state == "cancelled"


@pytest.mark.long
async def test_run_cancelled_while_the_engine_is_down_ends_when_it_is_back(
    temporal_binary: Path,
    environ: Mapping[str, str],
    opened: OpenDesk,
    account: Account,
    tmp_path: Path,
) -> None:
    engine = TemporalServer(temporal_binary, tmp_path)
    await engine.start()
    own = {**environ, "COUNTERSIGN_TEMPORAL_ADDRESS": engine.address}
    process = WorkerProcess(own, tmp_path / "worker.log")
    try:
        await process.start()
        account.overdue_invoice()
        desk = replace(await opened(), workflows=Workflows(load(own)))
        view = await desk.one_proposal()
        await engine.kill()
        await end(desk, view.row.run_id)
        await desk.workflows.end(desk.org_id, RunId(view.row.run_id), at_once=False)
        assert (await desk.proposal(view)).row.decision == "withdrawn"
        await engine.start()
        found = await closed(await connect(load(own)), desk, Process.AGENT_RUN, view.row.run_id)
        assert (found.status, state_of(found)) == (WorkflowExecutionStatus.CANCELED, "cancelled")
    finally:
        process.kill()
        await engine.stop()
