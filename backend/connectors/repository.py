"""Reads connections and canonical records. Row-level security keeps to the session's organization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from backend.connectors.models import Connection, CustomerRecord, InvoiceRecord
from backend.connectors.records import Address, Customer, Invoice, InvoiceLine, Record
from backend.core.errors import NotFoundError
from backend.core.ids import ConnectionId, RecordId


class ConnectionNotFoundError(NotFoundError):
    """The organization has no such connection."""

    code = "connection_not_found"


class RecordNotFoundError(NotFoundError):
    """The organization keeps no such record, or it is gone at the source."""

    code = "record_not_found"


@dataclass(frozen=True, slots=True)
class KeptCustomer:
    """A customer as the last sync saw it, without ``raw``."""

    id: RecordId
    connection_id: ConnectionId
    customer: Customer

    @property
    def record(self) -> Record:
        """What is kept."""
        return self.customer

    @property
    def customer_id(self) -> RecordId:
        """The customer whom it concerns."""
        return self.id


@dataclass(frozen=True, slots=True)
class KeptInvoice:
    """An invoice as the last sync saw it, without ``raw``."""

    id: RecordId
    connection_id: ConnectionId
    customer_id: RecordId
    invoice: Invoice

    @property
    def record(self) -> Record:
        """What is kept."""
        return self.invoice


KeptRecord: TypeAlias = KeptInvoice | KeptCustomer


async def connection(session: AsyncSession, connection_id: ConnectionId) -> Connection:
    """One connection. Raises :class:`ConnectionNotFoundError`."""
    found = await session.scalar(select(Connection).where(Connection.id == connection_id))
    if found is None:
        raise ConnectionNotFoundError("there is no such connection in this organization")
    return found


async def connections_to(session: AsyncSession, vendor: str) -> Sequence[Connection]:
    """All connections to a vendor, oldest first."""
    query = select(Connection).where(Connection.vendor == vendor).order_by(Connection.id)
    return (await session.scalars(query)).all()


async def record(session: AsyncSession, kind: str, record_id: RecordId) -> KeptRecord:
    """One record of this kind, also one that is gone at the source. Raises :class:`RecordNotFoundError`."""
    if kind == Invoice.kind:
        return await invoice(session, record_id)
    return await customer(session, record_id)


async def hold(session: AsyncSession, kept: KeptRecord) -> None:
    """Lock a record until the end of the transaction: who looks at the same one waits."""
    table = InvoiceRecord if isinstance(kept, KeptInvoice) else CustomerRecord
    await session.execute(select(table.id).where(table.id == kept.id).with_for_update())


async def customer(session: AsyncSession, record_id: RecordId) -> KeptCustomer:
    """One customer, also one that is gone at the source. Raises :class:`RecordNotFoundError`."""
    query = (
        select(CustomerRecord)
        .where(CustomerRecord.id == record_id)
        .options(defer(CustomerRecord.raw, raiseload=True))
    )
    found = await session.scalar(query)
    if found is None:
        raise RecordNotFoundError("there is no such customer in this organization")
    return _kept_customer(found)


async def invoice(session: AsyncSession, record_id: RecordId) -> KeptInvoice:
    """One invoice, also one that is gone at the source. Raises :class:`RecordNotFoundError`."""
    return await _one(session, _invoices().where(InvoiceRecord.id == record_id))


async def invoice_of_source(
    session: AsyncSession, connection_id: ConnectionId, source_id: str
) -> KeptInvoice:
    """The invoice with this id at the source. Raises :class:`RecordNotFoundError`."""
    query = _invoices().where(
        InvoiceRecord.connection_id == connection_id, InvoiceRecord.source_id == source_id
    )
    return await _one(session, query)


async def invoices_of(
    session: AsyncSession, customer_id: RecordId, limit: int = 100
) -> Sequence[KeptInvoice]:
    """A customer's invoices that are still at the source, newest first."""
    query = (
        _invoices()
        .where(InvoiceRecord.customer_id == customer_id, InvoiceRecord.deleted_at.is_(None))
        .order_by(InvoiceRecord.source_created_at.desc(), InvoiceRecord.id.desc())
        .limit(limit)
    )
    return await _all(session, query)


async def overdue_invoices(
    session: AsyncSession,
    today: date,
    *,
    min_days: int = 1,
    limit: int | None = None,
    only: RecordId | None = None,
) -> Sequence[KeptInvoice]:
    """Open invoices with something to pay that were due at least ``min_days`` ago, longest overdue first.

    ``only`` looks at a single record.
    """
    query = (
        _invoices()
        .where(
            InvoiceRecord.status == "open",
            InvoiceRecord.balance > 0,
            InvoiceRecord.due_date <= today - timedelta(days=min_days),
            InvoiceRecord.deleted_at.is_(None),
        )
        .order_by(InvoiceRecord.due_date, InvoiceRecord.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(InvoiceRecord.id == only)
    return await _all(session, query)


async def invoices_with_attempts(
    session: AsyncSession, *, limit: int | None = None, only: RecordId | None = None
) -> Sequence[KeptInvoice]:
    """Open invoices with something to pay for which a card was charged before, the largest balance first.

    ``only`` looks at a single record.
    """
    query = (
        _invoices()
        .where(
            InvoiceRecord.status == "open",
            InvoiceRecord.balance > 0,
            InvoiceRecord.payment_attempts > 0,
            InvoiceRecord.deleted_at.is_(None),
        )
        .order_by(InvoiceRecord.balance.desc(), InvoiceRecord.id)
        .limit(limit)
    )
    if only is not None:
        query = query.where(InvoiceRecord.id == only)
    return await _all(session, query)


async def customers(session: AsyncSession) -> Sequence[KeptCustomer]:
    """All customers that are still at the source, oldest first."""
    query = (
        select(CustomerRecord)
        .where(CustomerRecord.deleted_at.is_(None), CustomerRecord.is_active)
        .order_by(CustomerRecord.source_created_at, CustomerRecord.id)
        .options(defer(CustomerRecord.raw, raiseload=True))
    )
    return [_kept_customer(row) for row in await session.scalars(query)]


async def paid_invoices(session: AsyncSession) -> Mapping[UUID, int]:
    """How many invoices each customer has paid, by record id; who has paid none is left out."""
    query = (
        select(InvoiceRecord.customer_id, func.count())
        .where(InvoiceRecord.status == "paid", InvoiceRecord.deleted_at.is_(None))
        .group_by(InvoiceRecord.customer_id)
    )
    return dict((await session.execute(query)).all())


def _invoices() -> Select[InvoiceRecord, str, str]:
    return (
        select(InvoiceRecord, CustomerRecord.source_id, CustomerRecord.name)
        .join(
            CustomerRecord,
            (CustomerRecord.org_id == InvoiceRecord.org_id)
            & (CustomerRecord.id == InvoiceRecord.customer_id),
        )
        .options(defer(InvoiceRecord.raw, raiseload=True))
    )


async def _one(session: AsyncSession, query: Select[InvoiceRecord, str, str]) -> KeptInvoice:
    found = await _all(session, query)
    if not found:
        raise RecordNotFoundError("there is no such invoice in this organization")
    return found[0]


async def _all(
    session: AsyncSession, query: Select[InvoiceRecord, str, str]
) -> Sequence[KeptInvoice]:
    return [_kept_invoice(*row) for row in await session.execute(query)]


def _kept_customer(row: CustomerRecord) -> KeptCustomer:
    value = Customer(
        source_id=row.source_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        currency=row.currency,
        is_active=row.is_active and row.deleted_at is None,
        created_at=row.source_created_at,
        billing_address=msgspec.convert(row.billing_address, Address | None),
        tax_ids=tuple(row.tax_ids),
        custom_fields=row.custom_fields,
    )
    return KeptCustomer(RecordId(row.id), ConnectionId(row.connection_id), value)


def _kept_invoice(row: InvoiceRecord, customer_source_id: str, customer_name: str) -> KeptInvoice:
    value = Invoice(
        source_id=row.source_id,
        customer_source_id=customer_source_id,
        customer_name=customer_name,
        number=row.number,
        status=row.status,
        currency=row.currency,
        total=row.total,
        balance=row.balance,
        credited=row.credited,
        issue_date=row.issue_date,
        due_date=row.due_date,
        paid_at=row.paid_at,
        created_at=row.source_created_at,
        memo=row.memo,
        payment_attempts=row.payment_attempts,
        lines=msgspec.convert(row.lines, tuple[InvoiceLine, ...]),
        custom_fields=row.custom_fields,
    )
    return KeptInvoice(
        id=RecordId(row.id),
        connection_id=ConnectionId(row.connection_id),
        customer_id=RecordId(row.customer_id),
        invoice=value,
    )
