"""Reads one object anew at its source and keeps it, or marks that it is gone."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import record_store, sync
from backend.connectors.base import Adapter, UpstreamNotFoundError
from backend.connectors.hooks import Touched
from backend.connectors.models import Connection, CustomerRecord, InvoiceRecord
from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import RecordId
from tenancy.context import TenantContext
from tenancy.session import tenant

_INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Source:
    """An open connection, and where its records are kept."""

    database: Database
    context: TenantContext
    connection: Connection
    adapter: Adapter


async def refresh(source: Source, touched: Touched) -> Mapping[str, RecordId]:
    """Bring what an event is about up to date; the records by kind: an invoice comes with its customer."""
    kind, source_id = touched.kind, touched.source_id
    if kind == "payment":
        found = await source.adapter.invoice_paid_by(source_id)
        if found is None:
            return {}
        kind, source_id = _INVOICE, found
    await (_invoice if kind == _INVOICE else _customer)(source, source_id)
    async with tenant(source.database, source.context) as session:
        return await _ids(session, source.connection, kind, source_id)


async def _customer(source: Source, source_id: str) -> None:
    read_at = now()
    try:
        customer = await source.adapter.customer(source_id)
    except UpstreamNotFoundError:
        async with tenant(source.database, source.context) as session:
            gone = [source_id]
            await record_store.mark_gone(session, source.connection, CustomerRecord, gone, read_at)
        return
    async with tenant(source.database, source.context) as session:
        await record_store.keep_customers(session, source.connection, [customer], read_at)


async def _invoice(source: Source, source_id: str) -> None:
    read_at = now()
    try:
        invoice = await source.adapter.invoice(source_id)
    except UpstreamNotFoundError:
        async with tenant(source.database, source.context) as session:
            gone = [source_id]
            await record_store.mark_gone(session, source.connection, InvoiceRecord, gone, read_at)
        return
    opened = source.connection, source.adapter
    await sync.keep_invoices(source.database, source.context, opened, [invoice], read_at)


async def _ids(
    session: AsyncSession, connection: Connection, kind: str, source_id: str
) -> Mapping[str, RecordId]:
    if kind != _INVOICE:
        known = await record_store.customer_ids(session, connection, [source_id])
        return {kind: RecordId(known[source_id])} if known else {}
    query = select(InvoiceRecord.id, InvoiceRecord.customer_id).where(
        InvoiceRecord.connection_id == connection.id, InvoiceRecord.source_id == source_id
    )
    row = (await session.execute(query)).one_or_none()
    return {kind: RecordId(row.id), "customer": RecordId(row.customer_id)} if row else {}
