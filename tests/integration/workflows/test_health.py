"""What a container asks its worker: whether it serves, by the engine's word."""

import asyncio
import sys
from collections.abc import Mapping

from backend.core.settings import Settings, load, process_environment
from tests.waiting import eventually
from tests.worker import ROOT, WorkerProcess
from workflows.client import Workflows, connect
from workflows.health import unserved
from workflows.queues import AGENTS, DEFAULT, SYNC


async def asked(environ: Mapping[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workflows.health",
        cwd=ROOT,
        env={**process_environment(), **environ},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_worker_that_serves_is_healthy_and_another_machine_without_one_is_not(
    worker: WorkerProcess, environ: Mapping[str, str], settings: Settings
) -> None:
    assert worker.pid
    assert await asked(environ) == (0, "")
    client = await connect(settings)
    assert await unserved(client, "another-machine") == [AGENTS, SYNC, DEFAULT]


async def test_health_without_an_engine_is_refused_with_the_reason(
    environ: Mapping[str, str],
) -> None:
    code, said = await asked({**environ, "COUNTERSIGN_TEMPORAL_ADDRESS": "127.0.0.1:1"})
    assert code == 1
    assert said.startswith("countersign: the workflow engine cannot be asked")


async def test_pollers_are_the_workers_of_every_queue_and_unknown_without_an_engine(
    worker: WorkerProcess, settings: Settings, environ: Mapping[str, str]
) -> None:
    async def everywhere() -> bool:
        found = await Workflows(settings).pollers() or {}
        assert set(found) == {AGENTS, SYNC, DEFAULT}
        return all(any(str(worker.pid) in one for one in there) for there in found.values())

    await eventually(everywhere, "the engine has heard the worker on every queue")
    nowhere = load({**environ, "COUNTERSIGN_TEMPORAL_ADDRESS": "127.0.0.1:1"})
    assert await Workflows(nowhere).pollers() is None
