"""Keeps canonical records: one statement writes a whole page. Reads nothing from the source."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.models import Connection, CustomerRecord, InvoiceRecord
from backend.connectors.records import INVOICE_FIELDS, Customer, Invoice, guard, version
from backend.core.canonical import fingerprint
from backend.core.ids import new_uuid

_LINEAGE = ("org_id", "connection_id", "source_id")


async def keep_customers(
    session: AsyncSession, connection: Connection, customers: Iterable[Customer], read_at: datetime
) -> int:
    """Insert or overwrite customers; returns how many.

    ``read_at`` is when reading them began: a row that was read later stays as it is.
    """
    rows = [_lineage(connection, one.source_id, read_at) | _customer_row(one) for one in customers]
    return await _upsert(session, CustomerRecord, rows)


async def keep_invoices(
    session: AsyncSession, connection: Connection, invoices: Sequence[Invoice], read_at: datetime
) -> int:
    """As :func:`keep_customers`, for invoices, whose customers must be kept already."""
    ids = await customer_ids(session, connection, {one.customer_source_id for one in invoices})
    rows = [
        _lineage(connection, one.source_id, read_at)
        | _invoice_row(one)
        | {"customer_id": ids[one.customer_source_id]}
        for one in invoices
    ]
    return await _upsert(session, InvoiceRecord, rows)


async def customer_ids(
    session: AsyncSession, connection: Connection, source_ids: Collection[str]
) -> Mapping[str, UUID]:
    """The record ids of those customers that are kept."""
    query = select(CustomerRecord.source_id, CustomerRecord.id).where(
        CustomerRecord.connection_id == connection.id, CustomerRecord.source_id.in_(source_ids)
    )
    return dict((await session.execute(query)).all())


async def mark_deleted(
    session: AsyncSession,
    connection: Connection,
    table: type[CustomerRecord | InvoiceRecord],
    seen_since: datetime,
) -> None:
    """Mark what a full pass that began at ``seen_since`` has not met: it is gone at the source."""
    await session.execute(
        update(table)
        .where(
            table.connection_id == connection.id,
            table.synced_at < seen_since,
            table.deleted_at.is_(None),
        )
        .values(deleted_at=func.now())
    )


async def mark_gone(
    session: AsyncSession,
    connection: Connection,
    table: type[CustomerRecord | InvoiceRecord],
    source_ids: Collection[str],
    read_at: datetime,
) -> None:
    """Mark what the source did not have at ``read_at``, unless it was met there later."""
    await session.execute(
        update(table)
        .where(
            table.connection_id == connection.id,
            table.source_id.in_(source_ids),
            table.synced_at <= read_at,
            table.deleted_at.is_(None),
        )
        .values(deleted_at=func.now(), synced_at=read_at)
    )


async def _upsert(
    session: AsyncSession,
    model: type[CustomerRecord | InvoiceRecord],
    rows: Sequence[dict[str, Any]],
) -> int:
    if not rows:
        return 0
    # The table and RETURNING instead of the model: so SQLAlchemy sends all rows as one statement, nulls included.
    table = cast("Table", model.__table__)
    statement = insert(table)
    kept = {name: statement.excluded[name] for name in rows[0] if name not in (*_LINEAGE, "id")}
    upsert = statement.on_conflict_do_update(
        index_elements=_LINEAGE,
        set_=kept,
        where=table.c.synced_at <= statement.excluded.synced_at,
    )
    await session.execute(upsert.returning(table.c.id), rows)
    return len(rows)


def _lineage(connection: Connection, source_id: str, read_at: datetime) -> dict[str, Any]:
    return {
        "org_id": connection.org_id,
        "id": new_uuid(),
        "connection_id": connection.id,
        "source_id": source_id,
        "synced_at": read_at,
        "deleted_at": None,
    }


def _customer_row(customer: Customer) -> dict[str, Any]:
    own = {
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "currency": customer.currency,
        "is_active": customer.is_active,
        "billing_address": msgspec.to_builtins(customer.billing_address),
        "tax_ids": list(customer.tax_ids),
    }
    return own | {
        "source_version": fingerprint(own),
        "source_created_at": customer.created_at,
        "custom_fields": dict(customer.custom_fields),
        "raw": dict(customer.raw),
    }


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    return {
        "source_version": version(guard(invoice, INVOICE_FIELDS)),
        "source_created_at": invoice.created_at,
        "number": invoice.number,
        "status": invoice.status,
        "currency": invoice.currency,
        "total": invoice.total,
        "balance": invoice.balance,
        "credited": invoice.credited,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "paid_at": invoice.paid_at,
        "memo": invoice.memo,
        "payment_attempts": invoice.payment_attempts,
        "lines": msgspec.to_builtins(invoice.lines),
        "custom_fields": dict(invoice.custom_fields),
        "raw": dict(invoice.raw),
    }
