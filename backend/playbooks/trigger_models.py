"""Table of the triggers that organizations have switched on or off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class TriggerRow(Base):
    """A switch. Its runs are requested by ``enabled_by``; ``off_reason`` says why it was switched off by itself."""

    __tablename__ = "playbook_trigger"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    enabled: Mapped[bool]
    enabled_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    enabled_at: Mapped[datetime]
    off_reason: Mapped[str | None] = mapped_column(Text)
