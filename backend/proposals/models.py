"""Tables of proposals, their revisions, questions about them, decisions and effects."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base

AMOUNT_LAST = "9223372036854775807::bigint", "'-9223372036854775808'::bigint"
TIME_LAST = "'9999-12-31 00:00:00+00'::timestamptz", "'1000-01-01 00:00:00+00'::timestamptz"
"""What stands last in either direction. LEAST and GREATEST put it where there is none: below row-level security the
planner finds a position by them in an index, and by COALESCE does not."""
_IS_PENDING, _UNDOES = text("decision = 'pending'"), text("undoes_id IS NOT NULL")


class ProposalTable(Base):
    """One proposed outside change. ``decision`` and ``execution`` move only along ``proposals.states``.

    ``round`` counts how often an approval was taken back: only signatures of the present round count. ``terms`` is what
    the policy asks (``proposals.terms``), ``asks`` whom it names (``tenancy.permissions.asking``) and who may
    therefore read it. ``edited_by`` wrote the present revision, None being the agent. ``decided_at`` is when the
    decision last became what it is, None while it is pending.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "run_id"], ["run.org_id", "run.id"]),
        ForeignKeyConstraint(["org_id", "playbook_id"], ["playbook.org_id", "playbook.id"]),
        ForeignKeyConstraint(["org_id", "connection_id"], ["connection.org_id", "connection.id"]),
        ForeignKeyConstraint(["org_id", "team_id"], ["team.org_id", "team.id"]),
        ForeignKeyConstraint(["org_id", "undoes_id"], ["proposal.org_id", "proposal.id"]),
        Index("ix_proposal_created", "org_id", "created_at", "id"),
        Index("ix_proposal_risk", "org_id", "risk_score", "id"),
        Index("ix_proposal_run", "org_id", "run_id"),
        Index("ix_proposal_target", "org_id", "target_record_id"),
        Index("ix_proposal_asks", "asks", postgresql_using="gin"),
        Index("ix_proposal_updated", "org_id", "updated_at", "id"),
        Index(
            "ix_proposal_amount_up",
            "org_id",
            text(f"least(amount_minor, {AMOUNT_LAST[0]})"),
            "id",
        ),
        Index(
            "ix_proposal_amount_down",
            "org_id",
            text(f"greatest(amount_minor, {AMOUNT_LAST[1]})"),
            "id",
        ),
        Index("ix_proposal_due_up", "org_id", text(f"least(due_at, {TIME_LAST[0]})"), "id"),
        Index("ix_proposal_due_down", "org_id", text(f"greatest(due_at, {TIME_LAST[1]})"), "id"),
        Index("ix_proposal_pending", "org_id", "team_id", postgresql_where=_IS_PENDING),
        Index("ix_proposal_undoes", "org_id", "undoes_id", postgresql_where=_UNDOES),
        Index("ix_proposal_decided", "org_id", "decided_at"),
        Index(
            "ix_proposal_pending_created",
            "org_id",
            "created_at",
            postgresql_where=text("decision = 'pending'"),
        ),
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
    terms: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    asks: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    edited_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    edit_lowers: Mapped[bool] = mapped_column(server_default=false(), default=False)
    decision: Mapped[str] = mapped_column(Text)
    execution: Mapped[str] = mapped_column(Text)
    dispatch_after: Mapped[datetime | None]
    stale_changes: Mapped[list[Any]]
    remind_at: Mapped[datetime | None]
    escalate_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    undoes_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RevisionTable(Base):
    """What a proposal said in one revision. Without an author the agent wrote it."""

    __tablename__ = "proposal_revision"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]]
    changes: Mapped[list[Any]]
    amount_minor: Mapped[int | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class QuestionTable(Base):
    """What a person asked the agent about a proposal. ``state``: open, answered, revised or failed."""

    __tablename__ = "question"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
        Index("ix_question_proposal", "org_id", "proposal_id"),
    )

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID]
    revision: Mapped[int]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"), default=list)
    answered_at: Mapped[datetime | None]


class DecisionTable(Base):
    """One act on one revision of a proposal, named by its digest; one signature a person and round.

    Without a user the policy itself has decided. ``to_user_id`` is to whom a signature was delegated.
    """

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["org_id", "proposal_id"], ["proposal.org_id", "proposal.id"]),
        Index("ix_decision_proposal", "org_id", "proposal_id"),
        Index("ix_decision_user", "org_id", "user_id", "proposal_id"),
        Index(
            "ix_decision_by_policy",
            "org_id",
            "proposal_id",
            postgresql_where=text("kind = 'approve' AND user_id IS NULL"),
        ),
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
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    to_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
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
