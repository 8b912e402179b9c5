"""What the engine had to try again can be read in the trace of the run."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from backend.core.ids import RunId
from backend.runs.trace import Span, trace_of
from tenancy.session import tenant
from tests.conformance.simulator.process import SimulatorProcess
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from tests.faults import FaultProxy, Misfortune
from tests.worker import WorkerProcess


@pytest.fixture
async def proxy(simulator: SimulatorProcess) -> AsyncIterator[FaultProxy]:
    """The worker's way to the outside system."""
    async with FaultProxy(simulator.url).running() as running:
        yield running


@pytest.fixture
def mortal(
    environ: Mapping[str, str], proxy: FaultProxy, tmp_path: Path
) -> Iterator[WorkerProcess]:
    process = WorkerProcess({**environ, "COUNTERSIGN_STRIPE_BASE": proxy.url}, tmp_path / "log")
    yield process
    process.kill()


async def retries(desk: Desk, run_id: RunId) -> list[Span]:
    view = await desk.run(run_id)
    async with tenant(desk.database, desk.context) as session:
        spans = await trace_of(session, view)
    return [span for span in spans if span.kind == "retry"]


async def test_activity_that_fails_twice_leaves_two_retries_with_what_the_vendor_said(
    desk: Desk, account: Account, mortal: WorkerProcess
) -> None:
    account.overdue_invoice()
    account.misfortune("500", "GET", "/v1/invoices/")
    account.misfortune("500", "GET", "/v1/invoices/")
    await mortal.start()
    view = await desk.one_proposal()
    found = await retries(desk, RunId(view.row.run_id))
    assert [span.name for span in found] == ["read_subject", "read_subject"]
    second, third = found
    assert second.summary.startswith("Attempt 2 after a failure: Stripe")
    assert third.summary.startswith("Attempt 3 after a failure: Stripe")
    assert second.duration is not None
    assert second.duration >= 400  # the pause before the engine tries again


async def test_worker_that_is_killed_in_an_activity_is_told_as_one_that_did_not_answer(
    desk: Desk, account: Account, mortal: WorkerProcess, proxy: FaultProxy
) -> None:
    invoice = account.overdue_invoice()
    await mortal.start()
    hanging = proxy.plan(Misfortune.HOLD, "GET", f"/v1/invoices/{invoice['id']}")
    run_id = await desk.start()
    async with asyncio.timeout(40):
        await hanging.met.wait()
    mortal.kill()
    await mortal.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    [lost] = await retries(desk, RunId(child.row.id))
    assert lost.name == "read_subject"
    assert lost.summary.endswith("The worker did not answer any more (no heartbeat)")


async def test_run_without_trouble_has_no_retries(
    desk: Desk, account: Account, mortal: WorkerProcess
) -> None:
    account.overdue_invoice()
    await mortal.start()
    view = await desk.one_proposal()
    assert await retries(desk, RunId(view.row.run_id)) == []
