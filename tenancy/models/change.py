"""What a change leaves behind: events for clients, wake-ups for workflows, the audit, stored replies."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class EventCounter(Base):
    """The last event number of an organization; its row lock puts commits in order."""

    __tablename__ = "event_counter"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    last_seq: Mapped[int]


class Event(Base):
    """Something visible changed. ``seq`` has no gaps within an organization."""

    __tablename__ = "event"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Outbox(Base):
    """A wake-up for the workflow engine, kept until it is delivered."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_undelivered", "id", postgresql_where=text("delivered_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    delivered_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    request_id: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None] = mapped_column(Text)


class AuditEvent(Base):
    """One act that matters to security or money. Append-only by grants and by a trigger.

    ``mac`` authenticates all of it (``tenancy.auditing.chain``); what was written before there were any has none.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "org_id", "at"),
        Index("ix_audit_event_subject", "org_id", "subject_id", "at"),
        Index("ix_audit_event_actor", "org_id", "actor_id", "at"),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    channel: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(Text)
    mac: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(Text)


class StoredReply(Base):
    """The outcome of a POST with an ``Idempotency-Key``, replayed when the same request comes again."""

    __tablename__ = "stored_reply"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
