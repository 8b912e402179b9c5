"""SIGKILL of the worker at the worst moments: nothing is lost, and the outside world changes once."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from backend.core.ids import RunId
from backend.core.settings import load
from backend.proposals.decisions import DecisionKind
from tests.conformance.simulator.process import SimulatorProcess
from tests.conformance.stripe.account import Account
from tests.desk import Desk, OpenDesk
from tests.faults import FaultProxy, Misfortune, Plan
from tests.temporal_server import TemporalServer
from tests.worker import WorkerProcess
from workflows.client import Workflows

pytestmark = pytest.mark.long


@pytest.fixture
async def proxy(simulator: SimulatorProcess) -> AsyncIterator[FaultProxy]:
    """The worker's way to the outside system."""
    async with FaultProxy(simulator.url).running() as running:
        yield running


@pytest.fixture
def mortal(
    environ: Mapping[str, str], proxy: FaultProxy, tmp_path: Path
) -> Iterator[WorkerProcess]:
    """A worker that a test may kill and start again."""
    process = WorkerProcess({**environ, "COUNTERSIGN_STRIPE_BASE": proxy.url}, tmp_path / "log")
    yield process
    process.kill()


async def met(plan: Plan) -> None:
    async with asyncio.timeout(40):
        await plan.met.wait()


async def test_worker_killed_while_a_proposal_waits_goes_on_with_the_decision(
    desk: Desk, account: Account, mortal: WorkerProcess
) -> None:
    account.overdue_invoice()
    await mortal.start()
    view = await desk.one_proposal()
    mortal.kill()
    await desk.decide(view, DecisionKind.APPROVE)
    await mortal.start()
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1


@pytest.mark.parametrize("complaint", [False, True], ids=["state change", "credit note"])
async def test_worker_killed_while_the_reply_hangs_makes_the_effect_once(
    desk: Desk, account: Account, mortal: WorkerProcess, proxy: FaultProxy, *, complaint: bool
) -> None:
    contested = {"description": "It arrived damaged.", "metadata[disputed_amount]": "4500"}
    invoice = account.overdue_invoice(params=contested if complaint else None)
    await mortal.start()
    view = await desk.one_proposal()
    hanging = proxy.plan(Misfortune.HOLD, "POST", "/v1/")
    await desk.decide(view, DecisionKind.APPROVE)
    await met(hanging)
    mortal.kill()
    await mortal.start()
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    assert len(account.credit_notes(invoice["id"])) == int(complaint)


async def test_reply_that_is_cut_leads_to_reading_back_and_no_second_effect(
    desk: Desk, account: Account, mortal: WorkerProcess, proxy: FaultProxy
) -> None:
    account.overdue_invoice()
    await mortal.start()
    view = await desk.one_proposal()
    cut = proxy.plan(Misfortune.CUT, "POST", "/send")
    await desk.decide(view, DecisionKind.APPROVE)
    await met(cut)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    assert sum(line.startswith("POST") and "/send" in line for line in proxy.seen) == 1


@pytest.mark.parametrize("reading", ["/v1/invoices?", "/v1/charges", "/v1/invoices/"])
async def test_worker_killed_while_it_syncs_or_reads_still_makes_one_proposal(
    desk: Desk, account: Account, mortal: WorkerProcess, proxy: FaultProxy, reading: str
) -> None:
    account.overdue_invoice()
    await mortal.start()
    hanging = proxy.plan(Misfortune.HOLD, "GET", reading.replace("?", r"\?"))
    run_id = await desk.start()
    await met(hanging)
    mortal.kill()
    await mortal.start()
    run = await desk.finished(run_id)
    assert run.row.state == "completed"
    assert len(await desk.proposed(run_id)) == 1


async def test_worker_asked_to_stop_ends_cleanly_and_leaves_the_waiting_run_to_the_next(
    desk: Desk, account: Account, mortal: WorkerProcess
) -> None:
    account.overdue_invoice()
    await mortal.start()
    view = await desk.one_proposal()
    assert mortal.stop() == 0
    await desk.decide(view, DecisionKind.REJECT, reason="not this one")
    await mortal.start()
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == "Rejected by Ben: not this one"


async def test_run_requested_while_no_worker_runs_is_started_by_the_next_one(
    desk: Desk, account: Account, mortal: WorkerProcess
) -> None:
    account.overdue_invoice()
    run_id = await desk.start(call=False)
    await mortal.start()
    run = await desk.finished(run_id)
    assert run.counts.proposed == 1


async def test_engine_killed_while_a_proposal_waits_comes_back_with_the_run(
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
        await desk.decide(view, DecisionKind.APPROVE)
        await engine.start()
        done = await desk.executed(view)
        assert done.effect is not None
        assert account.carried_out(str(done.effect.id)) == 1
    finally:
        process.kill()
        await engine.stop()
