"""What all contestants share: one PostgreSQL, one Stripe simulator, and for Countersign one workflow engine."""

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from backend.core.migrate import upgrade
from backend.core.settings import process_environment
from backend.embedded.cache import cache_folder
from backend.embedded.postgres import SUPERUSER, EmbeddedPostgres
from backend.embedded.temporal_binary import resolve
from tests.conformance.simulator.process import ROOT, SimulatorProcess
from tests.temporal_server import TemporalServer


@dataclass(frozen=True)
class Servers:
    """Running servers with their data in one temporary folder."""

    folder: Path
    postgres: EmbeddedPostgres
    simulator: SimulatorProcess
    temporal: TemporalServer

    async def database(self, owner: str) -> str:
        """A fresh database; its connection string."""
        name = f"{owner}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(self.postgres.dsn(SUPERUSER))
        await admin.execute(f'CREATE DATABASE "{name}"')
        await admin.close()
        return self.postgres.dsn(SUPERUSER, database=name)

    def product_settings(self) -> dict[str, str]:
        """The settings of Countersign's processes; live reads of a decision go to the simulator directly."""
        return {
            "COUNTERSIGN_DATABASE_URL": self.postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": self.postgres.dsn("app_system"),
            "COUNTERSIGN_SEALER_DATABASE_URL": self.postgres.dsn("app_sealer"),
            "COUNTERSIGN_MASTER_KEY": "5f" * 32,
            "COUNTERSIGN_PUBLIC_URL": "http://127.0.0.1:8080",
            "COUNTERSIGN_STRIPE_BASE": self.simulator.url,
            "COUNTERSIGN_STRIPE_DASHBOARD": "https://dashboard.example",
            "COUNTERSIGN_TEMPORAL_ADDRESS": self.temporal.address,
        }


@asynccontextmanager
async def running_servers() -> AsyncIterator[Servers]:
    """Start them; afterwards they and their data are gone."""
    environ = process_environment()
    binary = await resolve(None, cache_folder(environ, ROOT), environ, print)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        servers = Servers(
            folder,
            EmbeddedPostgres(folder / "postgres"),
            SimulatorProcess(folder / "stripe.db"),
            TemporalServer(binary, folder),
        )
        await servers.postgres.start()
        try:
            await asyncio.to_thread(upgrade, servers.postgres.dsn("app_owner"))
            servers.simulator.start()
            await servers.temporal.start()
            yield servers
        finally:
            await servers.temporal.stop()
            servers.simulator.stop()
            await servers.postgres.stop()
            shutil.rmtree(servers.postgres.home)
