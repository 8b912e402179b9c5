"""Organizations with nothing in them, and a connection of one to its account at the Stripe simulator."""

import pytest

from backend.connectors.credentials import create_connection
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.ids import ConnectionId, new_uuid
from tenancy.context import TenantContext
from tenancy.organizations import create_organization
from tenancy.session import tenant
from tests.conformance.stripe.account import Account


@pytest.fixture
async def organization(database: Database) -> TenantContext:
    return await _fresh(database)


@pytest.fixture
async def stranger(database: Database) -> TenantContext:
    """Another organization."""
    return await _fresh(database)


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
