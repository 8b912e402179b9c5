"""Tables of what vendors send by webhook, and of the secrets that it is signed with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.sealed import sealed

SECRETS_PURPOSE = "webhook-secret/{org_id}/{connection_id}"
BODY_PURPOSE = "inbound-event/{org_id}/{connection_id}"


class WebhookSecrets(Base):
    """The sealed signing secrets of a connection. Found by ``connection_id`` alone before a tenant is known."""

    __tablename__ = "webhook_secret"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        UniqueConstraint("connection_id"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = sealed(SECRETS_PURPOSE)
    changed_at: Mapped[datetime]


class InboundEvent(Base):
    """One event as it came in, its body sealed. ``state``: waiting, applied, ignored or failed."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        UniqueConstraint("org_id", "connection_id", "source_event_id"),
        Index("ix_inbound_event_list", "org_id", "connection_id", "id"),
        Index(
            "ix_inbound_event_waiting",
            "org_id",
            "connection_id",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    source_event_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    body: Mapped[bytes] = sealed(BODY_PURPOSE)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None]
