"""SIGKILL of the worker around a model call, counted at the provider: what was answered is never asked again.

The agent takes three model steps. A call that is killed before its reply is kept is asked once more; nobody can know
whether the provider charges for it. Every other kill costs no call at all.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.ids import RunId
from backend.core.settings import Settings
from backend.runs.budget_ledger import month_of
from backend.runs.budget_models import ModelCall, Spending
from backend.runs.repository import StepView
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.faults import tunnel
from tests.providers import INPUT_TOKENS, OUTPUT_TOKENS, Plan, Provider
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process, workflow_id

pytestmark = pytest.mark.long

_MODEL = "openai:gpt-5.6-sol"
_STEPS = 3


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture
def paying(environ: Mapping[str, str], provider: Provider) -> Mapping[str, str]:
    """The settings of a worker whose model is paid for."""
    return {
        **environ,
        "COUNTERSIGN_MODEL": _MODEL,
        "COUNTERSIGN_MODEL_API_KEY": "sk-provider",
        "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
    }


@pytest.fixture
def worker(paying: Mapping[str, str], tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(paying, tmp_path / "log")
    yield process
    process.kill()


@pytest.fixture
async def desk(opened: OpenDesk, account: Account, provider: Provider) -> Desk:
    provider.only_about(account.overdue_invoice())
    return await opened(definition=quick(_MODEL))


async def test_worker_killed_before_the_call_costs_no_call(
    desk: Desk, worker: WorkerProcess, provider: Provider
) -> None:
    await worker.start()
    async with held(desk) as session:
        await session.execute(
            insert(Spending).values(
                org_id=desk.org_id,
                scope="organization",
                subject_id=desk.org_id,
                period=month_of(now()),
            )
        )
        run_id = await desk.start()
        await somebody_waits(session)
        worker.kill()
    assert provider.requests == []
    await ends_well(desk, worker, run_id)
    assert len(provider.requests) == _STEPS


async def test_worker_killed_while_the_reply_hangs_asks_this_one_call_again(
    desk: Desk, worker: WorkerProcess, provider: Provider
) -> None:
    hanging = Plan(hold=True)
    provider.plan(Plan(), hanging)
    await worker.start()
    run_id = await desk.start()
    await met(hanging)
    worker.kill()
    await ends_well(desk, worker, run_id)
    assert len(provider.requests) == _STEPS + 1
    [second] = [call for call in await calls(desk) if call.tries > 1]
    assert second.tries == 2
    [step] = [
        s for s in await child_steps(desk, run_id) if (s.kind, s.state) == ("model", "failed")
    ]
    assert step.summary == "The worker went away before the reply"


async def test_worker_killed_with_the_reply_not_kept_yet_asks_this_one_call_again(
    desk: Desk, worker: WorkerProcess, provider: Provider
) -> None:
    hanging = Plan(hold=True)
    provider.plan(hanging)
    await worker.start()
    run_id = await desk.start()
    await met(hanging)
    async with held(desk) as session:
        await session.scalars(select(ModelCall).with_for_update())
        hanging.release.set()
        await somebody_waits(session)
        worker.kill()
    await ends_well(desk, worker, run_id)
    assert len(provider.requests) == _STEPS + 1


async def test_worker_killed_after_the_reply_is_kept_and_before_the_engine_hears_of_it_asks_nothing_again(
    desk: Desk,
    worker: WorkerProcess,
    provider: Provider,
    *,
    paying: Mapping[str, str],
    temporal_address: str,
    tmp_path: Path,
) -> None:
    hanging = Plan(hold=True)
    provider.plan(Plan(), hanging)
    async with tunnel(temporal_address) as address:
        cut_off = WorkerProcess(
            {**paying, "COUNTERSIGN_TEMPORAL_ADDRESS": address}, tmp_path / "cut-off.log"
        )
        await cut_off.start()
        run_id = await desk.start()
        await met(hanging)
    hanging.release.set()
    await eventually(lambda: answered(desk, 2), "the reply to be kept")
    cut_off.kill()
    assert len(provider.requests) == 2
    await ends_well(desk, worker, run_id)
    assert len(provider.requests) == _STEPS
    assert all(call.tries == 1 for call in await calls(desk))


async def test_database_that_is_away_when_the_reply_comes_costs_no_second_call(
    desk: Desk, provider: Provider, paying: Mapping[str, str], tmp_path: Path
) -> None:
    hanging = Plan(hold=True)
    provider.plan(Plan(), hanging)
    place = urlsplit(paying["COUNTERSIGN_DATABASE_URL"])
    assert place.port
    there = f"{place.hostname}:{place.port}"
    async with tunnel(there) as here:
        url = place._replace(netloc=place.netloc.replace(there, here)).geturl()
        process = WorkerProcess({**paying, "COUNTERSIGN_DATABASE_URL": url}, tmp_path / "away.log")
        await process.start()
        run_id = await desk.start()
        await met(hanging)
    try:
        hanging.release.set()
        await eventually(
            lambda: logged(process, "model_call.unsettled"), "the worker to miss the database"
        )
        async with tunnel(there, int(here.rpartition(":")[2])):
            await desk.finished(run_id)
            assert len(await desk.proposed(run_id)) == 1
    finally:
        process.kill()
    assert len(provider.requests) == _STEPS
    assert all(call.tries == 1 for call in await calls(desk))


async def test_worker_that_is_only_slow_and_asked_again_by_the_engine_pays_once(
    desk: Desk, worker: WorkerProcess, provider: Provider, settings: Settings
) -> None:
    hanging = Plan(hold=True)
    provider.plan(Plan(), hanging)
    await worker.start()
    client = await connect(settings)
    run_id = await desk.start()
    await met(hanging)
    [child] = await desk.children(run_id)
    handle = client.get_workflow_handle(
        workflow_id(Process.AGENT_RUN, desk.org_id, RunId(child.row.id))
    )

    async def attempted_again() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return any(one.attempt > 1 for one in pending)

    worker.send(signal.SIGSTOP)
    await eventually(attempted_again, "the engine to miss a heartbeat")
    worker.send(signal.SIGCONT)
    await eventually(lambda: logged(worker, "model_call.joined"), "the second attempt to join")
    hanging.release.set()
    await desk.finished(run_id)
    assert len(await desk.proposed(run_id)) == 1
    assert len(provider.requests) == _STEPS
    assert all(call.tries == 1 for call in await calls(desk))


async def logged(process: WorkerProcess, event: str) -> bool:
    return event in process.log()


async def ends_well(desk: Desk, worker: WorkerProcess, run_id: RunId) -> None:
    """A new worker comes to the proposal; the books show three calls and nothing set aside."""
    await worker.start()
    await desk.finished(run_id)
    [view] = await desk.proposed(run_id)
    assert worker.stop() == 0
    for one in (run_id, RunId(view.row.run_id)):
        row = (await desk.run(one)).row
        assert (row.model_calls, row.input_tokens) == (_STEPS, _STEPS * INPUT_TOKENS)
    assert [call.state for call in await calls(desk)] == ["answered"] * _STEPS
    tokens = _STEPS * (INPUT_TOKENS + OUTPUT_TOKENS)
    async with tenant(desk.database, desk.context) as session:
        accounts = (await session.scalars(select(Spending))).all()
    assert sorted(account.scope for account in accounts) == ["organization", "playbook", "run"]
    assert {account.subject_id for account in accounts} == {desk.org_id, desk.playbook.id, run_id}
    assert {(account.used_tokens, account.held_tokens) for account in accounts} == {(tokens, 0)}
    assert {account.held_micro_usd for account in accounts} == {0}


async def calls(desk: Desk) -> list[ModelCall]:
    async with tenant(desk.database, desk.context) as session:
        return list(await session.scalars(select(ModelCall).order_by(ModelCall.reserved_at)))


async def answered(desk: Desk, number: int) -> bool:
    return sum(call.state == "answered" for call in await calls(desk)) == number


async def child_steps(desk: Desk, run_id: RunId) -> list[StepView]:
    [child] = await desk.children(run_id)
    return await desk.steps(RunId(child.row.id))


async def met(plan: Plan) -> None:
    assert await asyncio.to_thread(plan.met.wait, 40)


@asynccontextmanager
async def held(desk: Desk) -> AsyncIterator[AsyncSession]:
    """A transaction whose locks stop the worker; nothing of it stays."""
    with contextlib.suppress(_Undone):
        async with tenant(desk.database, desk.context) as session:
            yield session
            raise _Undone


class _Undone(Exception):  # noqa: N818 - no error
    pass


async def somebody_waits(session: AsyncSession) -> None:
    """Until another transaction waits for this one's locks."""
    own = await session.scalar(text("SELECT pg_backend_pid()"))
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE :own = ANY(pg_blocking_pids(pid))")

    async def look() -> bool:
        return bool(await session.scalar(waiting, {"own": own}))

    await eventually(look, "the worker to wait for the lock")
