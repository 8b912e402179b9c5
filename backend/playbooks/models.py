"""Tables of playbooks, of what models may cost an organization and of its keys for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base
from backend.core.sealed import sealed

MODEL_KEY_PURPOSE = "model-key/{org_id}/{id}"


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


class BudgetRow(Base):
    """What an organization may spend on models in a calendar month (UTC); None is no cap."""

    __tablename__ = "budget"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    month_tokens: Mapped[int | None]
    month_micro_usd: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ModelKeyRow(Base):
    """An organization's own key of a model provider, sealed; ``hint`` is what people may see of it."""

    __tablename__ = "model_key"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[UUID]
    base_url: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes] = sealed(MODEL_KEY_PURPOSE)
    hint: Mapped[str] = mapped_column(Text)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
