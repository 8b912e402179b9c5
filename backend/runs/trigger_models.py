"""Table of what triggers have done: one row per firing, whether a run came of it or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class FiringRow(Base):
    """One firing. ``key`` is the same when it is told again; without ``run_id`` it led to no run."""

    __tablename__ = "trigger_firing"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
        ForeignKeyConstraint(["org_id", "run_id"], ["run.org_id", "run.id"]),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[UUID | None]
    at: Mapped[datetime]
