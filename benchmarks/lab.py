"""An installation for one measurement: database, engine and outside system in a temporary folder; no worker yet."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from backend.core.migrate import upgrade
from backend.core.settings import process_environment
from backend.embedded.cache import cache_folder
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.temporal_binary import resolve
from tests.conformance.simulator.process import SimulatorProcess
from tests.providers import Provider
from tests.temporal_server import TemporalServer
from tests.worker import ROOT


@asynccontextmanager
async def lab(
    model_seconds: float = 0,
) -> AsyncIterator[tuple[SimulatorProcess, Mapping[str, str]]]:
    """The outside system and the settings of a worker; with ``model_seconds`` a model that takes so long to answer."""
    folder, environment = Path(tempfile.mkdtemp(prefix="lab-")), process_environment()
    async with AsyncExitStack() as running:
        running.callback(shutil.rmtree, folder)
        postgres = EmbeddedPostgres(folder / "postgres")
        await postgres.start()
        running.callback(shutil.rmtree, postgres.home)
        running.push_async_callback(postgres.stop)
        await asyncio.to_thread(upgrade, postgres.dsn("app_owner"))
        simulator = SimulatorProcess(folder / "stripe.db")
        simulator.start()
        running.callback(simulator.stop)
        (folder / "temporal").mkdir()
        binary = await resolve(None, cache_folder(environment, ROOT), environment, print)
        engine = TemporalServer(binary, folder / "temporal")
        await engine.start()
        running.push_async_callback(engine.stop)
        own = {
            "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("app_system"),
            "COUNTERSIGN_SEALER_DATABASE_URL": postgres.dsn("app_sealer"),
            "COUNTERSIGN_MASTER_KEY": "5f" * 32,
            "COUNTERSIGN_STATE_DIR": str(folder),
            "COUNTERSIGN_STRIPE_BASE": simulator.url,
            "COUNTERSIGN_TEMPORAL_ADDRESS": engine.address,
        }
        if model_seconds:
            provider = running.enter_context(Provider(takes=model_seconds).running())
            own["COUNTERSIGN_MODEL"] = "openai:gpt-5.6-sol"
            own["COUNTERSIGN_MODEL_API_KEY"] = "sk-benchmark"
            own["COUNTERSIGN_MODEL_BASE_URL"] = f"{provider.url}/v1"
        yield simulator, own


def seed(simulator: SimulatorProcess, key: str) -> None:
    """Fill an account with 400 invoices over 18 months."""
    command = [sys.executable, "-m", "backend.embedded.simulators.stripe", "seed"]
    options = ["--db", str(simulator.db), "--key", key, "--account-name", "Brindlemoor"]
    sizes = ["--seed", "11", "--invoices", "400", "--customers", "60"]
    subprocess.run([*command, *options, *sizes], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own program
