"""Tables of connections and of the canonical records kept from them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.sealed import sealed
from tenancy.models.organization import Organization

CREDENTIALS_PURPOSE = "connection/{org_id}/{id}"


class Connection(Base):
    """An installed connector with its sealed credentials and how far its sync has come."""

    __tablename__ = "connection"

    org_id: Mapped[UUID] = mapped_column(ForeignKey(Organization.id), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    credentials: Mapped[bytes] = sealed(CREDENTIALS_PURPOSE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    synced_at: Mapped[datetime | None]


class CustomerRecord(Base):
    """A canonical Customer with its lineage to the source."""

    __tablename__ = "customer_record"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        UniqueConstraint("org_id", "connection_id", "source_id"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    source_id: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text)
    source_created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool]
    billing_address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    tax_ids: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    custom_fields: Mapped[dict[str, Any]]
    raw: Mapped[dict[str, Any]]
    synced_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class InvoiceRecord(Base):
    """A canonical Invoice; amounts are minor units of ``currency``."""

    __tablename__ = "invoice_record"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        ForeignKeyConstraint(
            ["org_id", "customer_id"], ["customer_record.org_id", "customer_record.id"]
        ),
        UniqueConstraint("org_id", "connection_id", "source_id"),
        Index("ix_invoice_record_due", "org_id", "status", "due_date", "id"),
        Index("ix_invoice_record_customer", "org_id", "customer_id", "source_created_at"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    source_id: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text)
    source_created_at: Mapped[datetime]
    number: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    balance: Mapped[int]
    credited: Mapped[int]
    issue_date: Mapped[date | None]
    due_date: Mapped[date | None]
    paid_at: Mapped[datetime | None]
    memo: Mapped[str | None] = mapped_column(Text)
    payment_attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lines: Mapped[list[Any]]
    custom_fields: Mapped[dict[str, Any]]
    raw: Mapped[dict[str, Any]]
    synced_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
