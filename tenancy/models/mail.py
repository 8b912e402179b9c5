"""Mail that is to be sent, or was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.sealed import sealed

MAIL_PURPOSE = "outgoing-mail/{id}"


class OutgoingMail(Base):
    """One mail, sealed: it may carry a link that opens an account. Without SMTP it stays here to be read.

    ``org_id`` is the organization that has caused it, where one has.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index("ix_outgoing_mail_due", "due_at", postgresql_where=text("sent_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"), index=True)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = sealed(MAIL_PURPOSE)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[datetime | None]
