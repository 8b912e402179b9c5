"""What happened last to proposals and runs within somebody's reach, told from the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.keyset import Order, Position
from backend.playbooks.models import PlaybookRow
from backend.proposals import repository as proposals
from backend.proposals.models import ProposalTable
from backend.runs import repository as runs
from backend.runs.models import RunRow
from tenancy.audit import AuditAction
from tenancy.models.change import AuditEvent
from tenancy.models.organization import UserAccount
from tenancy.permissions import Reach

_A = AuditAction
TOLD: dict[str, tuple[str, str]] = {
    _A.PROPOSAL_CREATED: ("proposed", "pending"),
    _A.PROPOSAL_APPROVED: ("approved", "queued"),
    _A.PROPOSAL_SIGNED: ("signed", "pending"),
    _A.PROPOSAL_REJECTED: ("rejected", "rejected"),
    _A.PROPOSAL_EXPIRED: ("expired", "expired"),
    _A.PROPOSAL_STALE: ("found stale", "stale"),
    _A.PROPOSAL_TAKEN_BACK: ("took back the approval of", "pending"),
    _A.PROPOSAL_WITHDRAWN: ("withdrew", "withdrawn"),
    _A.PROPOSAL_DELEGATED: ("gave a signature away on", "pending"),
    _A.PROPOSAL_EDITED: ("edited", "pending"),
    _A.PROPOSAL_REVISED: ("revised", "pending"),
    _A.PROPOSAL_QUESTIONED: ("asked about", "pending"),
    _A.PROPOSAL_ANSWERED: ("answered about", "pending"),
    _A.PROPOSAL_COMMENTED: ("commented on", "pending"),
    _A.PROPOSAL_REMINDED: ("reminded of", "pending"),
    _A.PROPOSAL_ESCALATED: ("escalated", "pending"),
    _A.PROPOSAL_UNDO_REQUESTED: ("asked to undo", "executed"),
    _A.PROPOSAL_UNDONE: ("undone", "undone"),
    _A.EFFECT_CONFIRMED: ("executed", "executed"),
    _A.EFFECT_FAILED: ("failed", "failed"),
    _A.EFFECT_UNKNOWN: ("lost sight of", "unknown"),
    _A.EFFECT_MARKED_DONE: ("marked as done", "executed"),
    _A.EFFECT_MARKED_NOT_DONE: ("marked as not done", "failed"),
    _A.RUN_REQUESTED: ("started", "executing"),
    _A.RUN_CANCELLED: ("cancelled", "withdrawn"),
    _A.RUN_TERMINATED: ("terminated", "withdrawn"),
}
"""How an act is called, and the seal of what it leads to."""

_OF_RUNS = (_A.RUN_REQUESTED, _A.RUN_CANCELLED, _A.RUN_TERMINATED)
_COMPLETED = ("completed", "executed")
_FAILED = ("failed", "failed")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened. Without ``actor`` it was an agent, the policy or the system."""

    id: UUID
    at: datetime
    what: str
    seal: str
    actor: str | None
    subject: str
    proposal_id: UUID | None
    run_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One page, the newest first. ``after`` is the last act's (time, id) of the page before."""

    actor_id: UUID | None = None
    proposal_id: UUID | None = None
    run_id: UUID | None = None
    limit: int = 20
    after: Position | None = None


async def latest(
    session: AsyncSession, proposal_reach: Reach, run_reach: Reach, query: Query
) -> tuple[list[Told], bool]:
    """One page, and whether another follows."""
    told = list[Told]()
    if query.run_id is None:
        told += await _of_proposals(session, proposal_reach, query)
    if query.proposal_id is None:
        told += await _of_runs(session, run_reach, query)
        if query.actor_id is None:
            told += await _ended_runs(session, run_reach, query)
    told.sort(key=lambda one: (one.at, one.id), reverse=True)
    return told[: query.limit], len(told) > query.limit


async def _of_proposals(session: AsyncSession, reach: Reach, query: Query) -> list[Told]:
    table = ProposalTable
    acts = (
        _acts(query, table.sentence, table.id)
        .join(table, and_(table.org_id == AuditEvent.org_id, table.id == AuditEvent.subject_id))
        .where(AuditEvent.action.in_(TOLD), proposals.within(reach))
    )
    if query.proposal_id is not None:
        acts = acts.where(table.id == query.proposal_id)
    return [
        Told(act_id, at, *TOLD[action], actor, sentence, proposal_id, None)
        for act_id, at, action, actor, sentence, proposal_id in await session.execute(acts)
    ]


async def _of_runs(session: AsyncSession, reach: Reach, query: Query) -> list[Told]:
    acts = (
        _acts(query, PlaybookRow.name, RunRow.id)
        .join(RunRow, and_(RunRow.org_id == AuditEvent.org_id, RunRow.id == AuditEvent.subject_id))
        .join(PlaybookRow, _playbook())
        .where(AuditEvent.action.in_(_OF_RUNS), runs.within(reach))
    )
    if query.run_id is not None:
        acts = acts.where(RunRow.id == query.run_id)
    return [
        Told(act_id, at, *TOLD[action], actor, playbook, None, run_id)
        for act_id, at, action, actor, playbook, run_id in await session.execute(acts)
    ]


async def _ended_runs(session: AsyncSession, reach: Reach, query: Query) -> list[Told]:
    """Runs that came to their own end: the audit keeps only what people did to them."""
    ended = (
        select(RunRow.finished_at, RunRow.state, PlaybookRow.name, RunRow.id)
        .join(PlaybookRow, _playbook())
        .where(
            RunRow.parent_run_id.is_(None),
            RunRow.state.in_(("completed", "failed")),
            RunRow.finished_at.is_not(None),
            runs.within(reach),
        )
    )
    if query.run_id is not None:
        ended = ended.where(RunRow.id == query.run_id)
    order = Order(RunRow.finished_at.expression, RunRow.id.expression, descending=True)
    found = await session.execute(order.apply(ended, query.after).limit(query.limit + 1))
    return [
        Told(run_id, at, *(_FAILED if state == "failed" else _COMPLETED), None, name, None, run_id)
        for at, state, name, run_id in found
        if at is not None
    ]


def _acts(query: Query, *subject: InstrumentedAttribute[Any]) -> Select[Any]:
    acts = (
        select(AuditEvent.id, AuditEvent.at, AuditEvent.action, UserAccount.name, *subject)
        .select_from(AuditEvent)
        .outerjoin(UserAccount, UserAccount.id == AuditEvent.actor_id)
    )
    if query.actor_id is not None:
        acts = acts.where(AuditEvent.actor_id == query.actor_id)
    order = Order(AuditEvent.at.expression, AuditEvent.id.expression, descending=True)
    return order.apply(acts, query.after).limit(query.limit + 1)


def _playbook() -> ColumnElement[bool]:
    return and_(PlaybookRow.org_id == RunRow.org_id, PlaybookRow.id == RunRow.playbook_id)
