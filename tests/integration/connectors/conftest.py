"""A migrated database on a server of its own, a fresh organization, and its account at the Stripe simulator."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest

from backend.connectors.credentials import create_connection
from backend.connectors.installed import install
from backend.connectors.registry import Connectors
from backend.core.db import Database, connect
from backend.core.ids import ConnectionId, new_uuid
from backend.core.migrate import upgrade
from backend.core.settings import Settings, load
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.context import TenantContext
from tenancy.organizations import create_organization
from tenancy.session import tenant
from tests.conformance.simulator.process import Api, SimulatorProcess
from tests.conformance.stripe.account import Account


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "postgres")
    asyncio.run(server.start())
    upgrade(server.dsn("app_owner"))
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(server.home)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    process = SimulatorProcess(tmp_path_factory.mktemp("stripe") / "stripe.db")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def settings(postgres: EmbeddedPostgres, simulator: SimulatorProcess) -> Settings:
    return load(
        {
            "COUNTERSIGN_DATABASE_URL": postgres.dsn("app_rw"),
            "COUNTERSIGN_SYSTEM_DATABASE_URL": postgres.dsn("app_system"),
            "COUNTERSIGN_MASTER_KEY": "5f" * 32,
            "COUNTERSIGN_STRIPE_BASE": simulator.url,
        }
    )


@pytest.fixture
def connectors(settings: Settings) -> Connectors:
    return install(settings)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = connect(settings.database, pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
async def organization(database: Database) -> TenantContext:
    return await _fresh(database)


@pytest.fixture
async def stranger(database: Database) -> TenantContext:
    """Another organization."""
    return await _fresh(database)


@pytest.fixture
def account(simulator: SimulatorProcess) -> Iterator[Account]:
    api = Api(simulator, simulator.new_key())
    yield Account(api)
    api.close()


@pytest.fixture
async def connection_id(
    database: Database, connectors: Connectors, organization: TenantContext, account: Account
) -> ConnectionId:
    async with tenant(database, organization) as session:
        return await create_connection(
            session,
            connectors.keys,
            vendor="stripe",
            name="Stripe",
            secret=account.api.key.encode(),
        )


async def _fresh(database: Database) -> TenantContext:
    slug = f"org-{new_uuid()}"
    return TenantContext(
        await create_organization(database, slug=slug, name="Brindlemoor", is_demo=False)
    )
