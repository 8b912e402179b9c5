"""Tables of what models cost: one row per call, and running totals that caps are held against."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.sealed import sealed

REPLY_PURPOSE = "model-reply/{org_id}/{run_id}/{key}/{place}"


class Spending(Base):
    """What one subject has used and holds in one period. Money in millionths of a US dollar.

    ``scope``: organization, playbook (both by month, ``2026-11``) or run (the playbook run with its children, no
    period). ``unpriced_calls`` are those whose price nobody knows: their tokens count, their money does not.
    """

    __tablename__ = "spending"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    used_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    held_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    used_micro_usd: Mapped[int] = mapped_column(server_default=text("0"))
    held_micro_usd: Mapped[int] = mapped_column(server_default=text("0"))
    unpriced_calls: Mapped[int] = mapped_column(server_default=text("0"))


class ModelCall(Base):
    """One request of an agent to one model. ``key`` is the same over all attempts of the activity that asks.

    ``place`` counts the fallback chain. ``state``: reserved, answered or failed. ``reply`` is sealed for its key and
    kept until the run ends. ``family_id`` is the playbook run that the run belongs to. What repeated tries have used
    adds up.
    """

    __tablename__ = "model_call"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "run_id"], ["run.org_id", "run.id"]),
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
        Index("ix_model_call_family", "org_id", "family_id"),
        Index("ix_model_call_reserved", "org_id", "reserved_at"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[UUID]
    playbook_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    tries: Mapped[int]
    reserved_tokens: Mapped[int]
    reserved_micro_usd: Mapped[int | None]
    input_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    output_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    used_micro_usd: Mapped[int] = mapped_column(server_default=text("0"))
    unpriced_calls: Mapped[int] = mapped_column(server_default=text("0"))
    reply: Mapped[bytes | None] = sealed(REPLY_PURPOSE)
    error: Mapped[str | None] = mapped_column(Text)
    reserved_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
