import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from backend.connectors import repository
from backend.connectors.credentials import create_connection
from backend.connectors.models import Connection
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.ids import ConnectionId
from tenancy.audit import AuditAction
from tenancy.context import TenantContext
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.conformance.stripe.account import Account

SECRET = b"sk_live_do_not_tell"


async def test_a_connection_opens_the_account_that_its_secret_belongs_to(
    database: Database,
    connectors: Connectors,
    organization: TenantContext,
    connection_id: ConnectionId,
    account: Account,
) -> None:
    made = account.overdue_invoice()
    async with tenant(database, organization) as session:
        connection = await repository.connection(session, connection_id)
        assert await repository.connections_to(session, "stripe") == [connection]

    async with connectors.open(connection) as adapter:
        assert (await adapter.invoice(made["id"])).source_id == made["id"]


async def test_the_secret_stands_nowhere_in_plain(
    database: Database, connectors: Connectors, organization: TenantContext
) -> None:
    connection = await _installed(database, connectors, organization)

    async with tenant(database, organization) as session:
        details = await session.scalar(
            select(AuditEvent.details).where(AuditEvent.action == AuditAction.CONNECTION_CREATED)
        )
    assert SECRET not in connection.credentials
    assert details == {"vendor": "stripe", "name": "Books"}


async def test_a_secret_moved_to_another_connection_cannot_be_opened(
    database: Database,
    connectors: Connectors,
    organization: TenantContext,
    stranger: TenantContext,
) -> None:
    stolen = await _installed(database, connectors, organization)
    thief = await _installed(database, connectors, stranger)
    thief.credentials = stolen.credentials

    with pytest.raises(InvalidTag):
        async with connectors.open(thief):
            pass


async def _installed(
    database: Database, connectors: Connectors, organization: TenantContext
) -> Connection:
    async with tenant(database, organization) as session:
        connection_id = await create_connection(
            session, connectors.keys, vendor="stripe", name="Books", secret=SECRET
        )
        return await repository.connection(session, connection_id)
