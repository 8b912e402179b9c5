"""Table of what people are told in the app."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class NotificationTable(Base):
    """One message to one person. ``telling_id`` is the same for all who were told of one change."""

    __tablename__ = "notification"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
        Index("ix_notification_user", "org_id", "user_id", "id"),
        Index("ix_notification_telling", "org_id", "telling_id"),
        Index(
            "ix_notification_unread",
            "org_id",
            "user_id",
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    telling_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(Text)
    proposal_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
