"""Tables of playbooks and their versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class PlaybookRow(Base):
    """A playbook by name; what it does stands in its versions."""

    __tablename__ = "playbook"
    __table_args__ = (UniqueConstraint("org_id", "slug"),)

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    current_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PlaybookVersion(Base):
    """One immutable version; runs are pinned to theirs."""

    __tablename__ = "playbook_version"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
