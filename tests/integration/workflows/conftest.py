"""The workflow engine beside the shared services: Temporal and worker processes."""

import asyncio
import atexit
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest

from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.settings import Settings, load
from backend.embedded.cache import cache_folder
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.temporal_binary import resolve
from backend.playbooks.service import Definition
from tests.conformance.simulator.process import SimulatorProcess
from tests.conformance.stripe.account import Account
from tests.desk import Desk, OpenDesk, open_desk
from tests.temporal_server import TemporalServer
from tests.worker import ROOT, WorkerProcess
from workflows.client import Workflows

_exit_code = 0


@atexit.register
def _leave() -> None:
    """The SDK's threads can abort the interpreter's end: leave before it, with the right code."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_exit_code)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--save-histories", action="store_true", help="keep new histories for tests/replay"
    )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    del session
    global _exit_code  # noqa: PLW0603 - what atexit needs to know
    _exit_code = int(exitstatus)


@pytest.fixture(scope="session")
def temporal_binary() -> Path:
    return asyncio.run(resolve(None, cache_folder(os.environ, ROOT), os.environ, print))  # noqa: TID251


@pytest.fixture(scope="module")
def temporal_address(
    temporal_binary: Path, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An engine of the module's own (it starts in 0.1 s): no run of another module is in it, or comes into it."""
    asyncio.run(_drop_wake_ups(postgres.dsn("app_system")))
    server = TemporalServer(temporal_binary, tmp_path_factory.mktemp("temporal"))
    asyncio.run(server.start())
    yield server.address
    asyncio.run(server.kill())


async def _drop_wake_ups(dsn: str) -> None:
    """What tests without a worker have asked for, a worker's relay would start later, in the midst of another test."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE outbox SET delivered_at = now() WHERE delivered_at IS NULL")
    await connection.close()


@pytest.fixture(scope="module")
def environ(environ: Mapping[str, str], temporal_address: str) -> Mapping[str, str]:
    """The settings of every process of the product, with the engine's address."""
    return {**environ, "COUNTERSIGN_TEMPORAL_ADDRESS": temporal_address}


@pytest.fixture(scope="module")
def settings(environ: Mapping[str, str]) -> Settings:
    return load(environ)


@pytest.fixture(scope="module")
def worker(
    environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    """A worker that serves all tests of a module."""
    process = WorkerProcess(environ, tmp_path_factory.mktemp("worker") / "log")
    asyncio.run(process.start())
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="session")
def seeded_key(simulator: SimulatorProcess) -> str:
    """The key of an account with 400 invoices over 18 months."""
    key = "sk_test_believable_account"
    command = [sys.executable, "-m", "backend.embedded.simulators.stripe", "seed"]
    options = ["--db", str(simulator.db), "--key", key, "--account-name", "Brindlemoor"]
    sizes = ["--seed", "11", "--invoices", "400", "--customers", "60"]
    subprocess.run([*command, *options, *sizes], cwd=ROOT, check=True, capture_output=True)
    return key


@pytest.fixture
def workflows(settings: Settings) -> Workflows:
    return Workflows(settings)


@pytest.fixture
def opened(
    database: Database, connectors: Connectors, workflows: Workflows, account: Account
) -> OpenDesk:
    """Opens a fresh organization with people, a connection to the account and a playbook."""

    async def call(secret: str | None = None, definition: Definition | None = None) -> Desk:
        key = secret or account.api.key
        return await open_desk(database, connectors, workflows, secret=key, definition=definition)

    return call


@pytest.fixture
async def desk(opened: OpenDesk) -> Desk:
    """A fresh organization as most tests need it."""
    return await opened()
