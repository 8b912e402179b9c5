"""Tables of runs and their steps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class RunRow(Base):
    """One execution. A playbook run has no parent; its children each look at one record (``subject_id``).

    ``target_id`` is the record of the same kind that a child would change, where that is not the subject.
    """

    __tablename__ = "run"
    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "playbook_id", "playbook_version"],
            ["playbook_version.org_id", "playbook_version.playbook_id", "playbook_version.version"],
        ),
        ForeignKeyConstraint(["org_id", "parent_run_id"], ["run.org_id", "run.id"]),
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"]),
        Index("ix_run_parent", "org_id", "parent_run_id", "id"),
        Index(
            "ix_run_created",
            "org_id",
            "created_at",
            "id",
            postgresql_where=text("parent_run_id IS NULL"),
        ),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID]
    playbook_version: Mapped[int]
    parent_run_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    subject_kind: Mapped[str] = mapped_column(Text, server_default="invoice")
    subject_id: Mapped[UUID | None]
    target_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(Text)
    proposed: Mapped[bool] = mapped_column(server_default=false())
    outcome: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    inputs: Mapped[dict[str, Any]]
    model: Mapped[str] = mapped_column(Text)
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    model_calls: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class RunStepRow(Base):
    """One step of a run's trace. ``key`` makes writing a step again harmless."""

    __tablename__ = "run_step"
    __table_args__ = (ForeignKeyConstraint(["org_id", "run_id"], ["run.org_id", "run.id"]),)

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
