"""Tables of proposals, decisions and effects."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class ProposalTable(Base):
    """One proposed outside change. ``decision`` and ``execution`` move only along ``proposals.states``.

    ``round`` counts how often an approval was taken back: only signatures of the present round count.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "run_id"], ["run.org_id", "run.id"]),
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"]),
        Index("ix_proposal_created", "org_id", "created_at", "id"),
        Index("ix_proposal_risk", "org_id", "risk_score", "id"),
        Index("ix_proposal_run", "org_id", "run_id"),
        Index("ix_proposal_target", "org_id", "target_record_id"),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID]
    playbook_id: Mapped[UUID]
    playbook_version: Mapped[int]
    team_id: Mapped[UUID | None]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    connection_id: Mapped[UUID]
    action: Mapped[str] = mapped_column(Text)
    target_kind: Mapped[str] = mapped_column(Text)
    target_record_id: Mapped[UUID]
    target_source_id: Mapped[str] = mapped_column(Text)
    target_label: Mapped[str] = mapped_column(Text)
    party: Mapped[str] = mapped_column(Text)
    source_version: Mapped[str] = mapped_column(Text)
    guard: Mapped[dict[str, Any]]
    revision: Mapped[int]
    round: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    parameters: Mapped[dict[str, Any]]
    changes: Mapped[list[Any]]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    how: Mapped[list[Any]]
    summary: Mapped[str] = mapped_column(Text)
    reasoning: Mapped[str] = mapped_column(Text)
    plan: Mapped[list[Any]]
    attempts: Mapped[list[Any]]
    evidence: Mapped[list[Any]]
    model: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float]
    risk_score: Mapped[int]
    risk_reasons: Mapped[list[Any]]
    required_signatures: Mapped[int]
    policy_reason: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    execution: Mapped[str] = mapped_column(Text)
    dispatch_after: Mapped[datetime | None]
    stale_changes: Mapped[list[Any]]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DecisionTable(Base):
    """One act of a person on one revision of a proposal, named by its digest; one signature a person and round."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
        Index(
            "uq_decision_signature",
            "org_id",
            "proposal_id",
            "revision",
            "round",
            "user_id",
            unique=True,
            postgresql_where=text("kind IN ('approve', 'reject')"),
        ),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID]
    revision: Mapped[int]
    round: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    digest: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    channel: Mapped[str] = mapped_column(Text)
    live_check: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class EffectTable(Base):
    """The outside change itself; its id is the idempotency key. At most one per proposal."""

    __tablename__ = "effect"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
        UniqueConstraint("org_id", "proposal_id"),
    )

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    dispatched_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    vendor_object_id: Mapped[str | None] = mapped_column(Text)
    vendor_object_url: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)


class TransitionTable(Base):
    """The allowed transitions as the database knows them: what the trigger on ``proposal`` asks."""

    __tablename__ = "proposal_transition"

    before: Mapped[str] = mapped_column(Text, primary_key=True)
    after: Mapped[str] = mapped_column(Text, primary_key=True)
