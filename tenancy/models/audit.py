"""The chain over an organization's audit. Written by the sealer alone; events lie in ``audit_event``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class AuditInbox(Base):
    """An event that waits for its place in the chain; a trigger puts it here in the event's own transaction."""

    __tablename__ = "audit_inbox"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    event_id: Mapped[UUID]
    event_mac: Mapped[bytes]


class AuditLink(Base):
    """The place of one event. ``seq`` has no gaps within an organization. Append-only."""

    __tablename__ = "audit_link"
    __table_args__ = (Index("uq_audit_link_event_id", "org_id", "event_id", unique=True),)

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    mac: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(Text)


class AuditHead(Base):
    """The last link, and what the Merkle tree needs to grow. ``checkpointed``: links in the last checkpoint."""

    __tablename__ = "audit_head"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    seq: Mapped[int]
    mac: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(Text)
    peaks: Mapped[bytes]
    checkpointed: Mapped[int] = mapped_column(server_default=text("0"))


class AuditCheckpoint(Base):
    """A signed Merkle root over the first ``size`` links. Append-only."""

    __tablename__ = "audit_checkpoint"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    root: Mapped[bytes]
    at: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes]
