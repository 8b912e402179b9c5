"""The table of saved views."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class SavedView(Base):
    """How somebody looks at the matrix: filter, order and columns as they go over the wire. ``team_id`` shares it."""

    __tablename__ = "saved_view"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"]),
        UniqueConstraint("org_id", "user_id", "name"),
        Index("ix_saved_view_team", "org_id", "team_id"),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    team_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, Any]]
    sort: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
