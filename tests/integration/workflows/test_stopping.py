"""A worker that is told to stop lets what is running end: nothing is asked or paid twice."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import OpenDesk
from tests.providers import Plan, Provider
from tests.waiting import eventually
from tests.worker import WorkerProcess

_MODEL = "openai:gpt-5.6-sol"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture
def worker(
    environ: Mapping[str, str], provider: Provider, tmp_path: Path
) -> Iterator[WorkerProcess]:
    own = {
        "COUNTERSIGN_OPENAI_API_KEY": "sk-stop",
        "COUNTERSIGN_OPENAI_BASE_URL": f"{provider.url}/v1",
    }
    process = WorkerProcess({**environ, **own}, tmp_path / "log")
    yield process
    process.kill()


@pytest.mark.long
async def test_worker_told_to_stop_during_a_model_call_ends_after_it_and_the_next_does_not_repeat_it(
    opened: OpenDesk, account: Account, provider: Provider, worker: WorkerProcess
) -> None:
    provider.only_about(account.overdue_invoice())
    slow = Plan(hold=True)
    provider.plan(slow)
    desk = await opened(definition=quick(_MODEL))
    await worker.start()
    run_id = await desk.start()
    assert await asyncio.to_thread(slow.met.wait, 30)
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))

    async def heard() -> bool:
        return "worker.stopping" in worker.log()

    await eventually(heard, "the worker's farewell")
    assert not stopping.done()
    slow.release.set()
    assert await stopping == 0
    await worker.start()
    await desk.finished(run_id)
    assert len(await desk.proposed(run_id)) == 1
    asked = [json.dumps(request, sort_keys=True) for request in provider.requests]
    assert len(asked) == len(set(asked)) == 3
