"""Brings a connection's records up to date, page by page. Calls the source only between transactions."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import record_store, repository
from backend.connectors.base import Adapter, UpstreamNotFoundError
from backend.connectors.models import Connection, CustomerRecord, InvoiceRecord
from backend.connectors.records import Customer, Invoice
from backend.connectors.registry import Connectors
from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import ConnectionId
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import TenantContext
from tenancy.session import tenant

Heartbeat = Callable[[int], None]


async def sync_customers(
    database: Database,
    connectors: Connectors,
    context: TenantContext,
    connection_id: ConnectionId,
    heartbeat: Heartbeat,
) -> int:
    """Keep every customer of the source and mark those that are gone; returns how many were read.

    ``heartbeat`` is told the count after each page. Started again, it begins from the front and does no harm.
    """
    began = read_at = now()
    count = 0
    async with opened(database, connectors, context, connection_id) as (connection, adapter):
        async for page in adapter.customers():
            async with tenant(database, context) as session:
                count += await record_store.keep_customers(session, connection, page, read_at)
            heartbeat(count)
            read_at = now()
    async with tenant(database, context) as session:
        await record_store.mark_deleted(session, connection, CustomerRecord, began)
    return count


async def sync_invoices(
    database: Database,
    connectors: Connectors,
    context: TenantContext,
    connection_id: ConnectionId,
    heartbeat: Heartbeat,
) -> int:
    """As :func:`sync_customers`, for invoices. Customers that are not kept yet are fetched on the way."""
    began = read_at = now()
    count = 0
    async with opened(database, connectors, context, connection_id) as (connection, adapter):
        async for page in adapter.invoices():
            source = connection, adapter
            count += await keep_invoices(database, context, source, page, read_at)
            heartbeat(count)
            read_at = now()
    async with tenant(database, context) as session:
        await record_store.mark_deleted(session, connection, InvoiceRecord, began)
    return count


async def keep_invoices(
    database: Database,
    context: TenantContext,
    source: tuple[Connection, Adapter],
    invoices: Sequence[Invoice],
    read_at: datetime,
) -> int:
    """Keep invoices that were read at ``read_at``, and those of their customers that are not kept yet."""
    connection, adapter = source
    async with tenant(database, context) as session:
        unknown = await _without_customer(session, connection, invoices)
    customers = [await _customer_of(adapter, one) for one in unknown]
    gone = [one.source_id for one in customers if not one.is_active]  # only their name is left
    async with tenant(database, context) as session:
        await record_store.keep_customers(session, connection, customers, read_at)
        await record_store.mark_gone(session, connection, CustomerRecord, gone, read_at)
        return await record_store.keep_invoices(session, connection, invoices, read_at)


async def finish(
    database: Database,
    context: TenantContext,
    connection_id: ConnectionId,
    *,
    customers: int,
    invoices: int,
) -> None:
    """Note on the connection that a sync of everything is complete."""
    async with tenant(database, context) as session:
        connection = await repository.connection(session, connection_id)
        connection.synced_at = now()
        details = {"customers": customers, "invoices": invoices}
        change = Change(connection_id, audit=AuditAction.CONNECTION_SYNCED, details=details)
        record(session, change)


@asynccontextmanager
async def opened(
    database: Database,
    connectors: Connectors,
    context: TenantContext,
    connection_id: ConnectionId,
) -> AsyncIterator[tuple[Connection, Adapter]]:
    """The connection and its open adapter."""
    async with tenant(database, context) as session:
        connection = await repository.connection(session, connection_id)
    async with connectors.open(connection) as adapter:
        yield connection, adapter


async def _without_customer(
    session: AsyncSession, connection: Connection, invoices: Sequence[Invoice]
) -> Sequence[Invoice]:
    """One invoice of each customer that is not kept."""
    by_customer = {one.customer_source_id: one for one in invoices}
    kept = await record_store.customer_ids(session, connection, by_customer)
    return [one for source_id, one in by_customer.items() if source_id not in kept]


async def _customer_of(adapter: Adapter, invoice: Invoice) -> Customer:
    try:
        return await adapter.customer(invoice.customer_source_id)
    except UpstreamNotFoundError:
        # Deleted at the source before we ever saw it; its invoices are still there and name it.
        return Customer(
            source_id=invoice.customer_source_id,
            name=invoice.customer_name,
            email=None,
            phone=None,
            currency=invoice.currency,
            is_active=False,
            created_at=invoice.created_at,
        )
