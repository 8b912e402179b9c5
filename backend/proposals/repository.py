"""All reading of proposals: pages of the matrix, one card, and what is open on a record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.core.errors import InvalidInputError, NotFoundError
from backend.core.ids import ProposalId, RunId
from backend.playbooks.models import PlaybookRow
from backend.proposals.acts import Acts, acts_on
from backend.proposals.models import EffectTable, ProposalTable, RevisionTable
from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView, Revision, Signature
from backend.runs.models import RunRow
from tenancy.models.organization import Team, UserAccount
from tenancy.permissions import Reach

EXACT_TOTAL = 10_000

_SORTABLE: dict[str, InstrumentedAttribute[Any]] = {
    "createdAt": ProposalTable.created_at,
    "updatedAt": ProposalTable.updated_at,
    "risk": ProposalTable.risk_score,
    "amount": ProposalTable.amount_minor,
    "dueAt": ProposalTable.due_at,
}
SORTS = tuple(sign + name for name in _SORTABLE for sign in ("", "-"))


class ProposalNotFoundError(NotFoundError):
    """The organization has no such proposal, or it lies outside the person's reach."""

    code = "proposal_not_found"


@dataclass(frozen=True, slots=True)
class Query:
    """What a list shows; ``run_id`` includes the run's children.

    ``after`` is the last row's (sort value, id) of the page before; else ``offset``.
    """

    decision: DecisionState | None = None
    execution: ExecutionState | None = None
    playbook_id: UUID | None = None
    run_id: UUID | None = None
    min_risk: int | None = None
    text: str | None = None
    sort: str = "-createdAt"
    limit: int = 50
    offset: int = 0
    after: tuple[Any, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page; ``next_after`` continues it. ``total`` is exact up to 10,000."""

    views: list[ProposalView]
    total: int
    total_is_estimate: bool
    next_after: tuple[Any, UUID] | None


async def find(session: AsyncSession, reach: Reach, query: Query) -> Found:
    """One page of the proposals within reach."""
    column, descending = _sorting(query.sort)
    condition = and_(within(reach), *_filters(query))
    key = func.coalesce(column, _LOWEST[query.sort.lstrip("-")])
    page = _joined().where(condition)
    if query.after is not None:
        here, there = tuple_(key, ProposalTable.id), tuple_(*query.after)
        page = page.where(here < there if descending else here > there)
    order = (key.desc(), ProposalTable.id.desc()) if descending else (key, ProposalTable.id)
    page = page.add_columns(key).order_by(*order).limit(query.limit + 1)
    rows = (await session.execute(page.offset(query.offset))).all()
    shown = rows[: query.limit]
    total, estimated = await _total(session, condition)
    return Found(
        views=await _views(session, shown),
        total=total,
        total_is_estimate=estimated,
        next_after=(shown[-1][-1], shown[-1][0].id) if len(rows) > query.limit else None,
    )


async def get(session: AsyncSession, reach: Reach, proposal_id: ProposalId) -> ProposalView:
    """One proposal within reach. Raises :class:`ProposalNotFoundError`."""
    query = _joined().where(ProposalTable.id == proposal_id, within(reach))
    views = await _views(session, (await session.execute(query)).all())
    if not views:
        raise ProposalNotFoundError("there is no such proposal in this organization")
    return views[0]


async def by_ids(session: AsyncSession, proposal_ids: Collection[UUID]) -> dict[UUID, ProposalView]:
    """These proposals of the organization, whoever may see them: for the change stream, which asks later."""
    if not proposal_ids:
        return {}
    query = _joined().where(ProposalTable.id.in_(proposal_ids))
    views = await _views(session, (await session.execute(query)).all())
    return {view.row.id: view for view in views}


async def revisions_of(session: AsyncSession, proposal_id: ProposalId) -> list[Revision]:
    """What the proposal said over time, oldest first."""
    query = (
        select(RevisionTable, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == RevisionTable.author_id)
        .where(RevisionTable.proposal_id == proposal_id)
        .order_by(RevisionTable.revision)
    )
    return [Revision(row, name) for row, name in await session.execute(query)]


async def of_run(session: AsyncSession, run_id: RunId) -> list[ProposalView]:
    """The proposals of one run, oldest first."""
    query = _joined().where(ProposalTable.run_id == run_id).order_by(ProposalTable.id)
    return await _views(session, (await session.execute(query)).all())


async def lock(session: AsyncSession, proposal_id: ProposalId) -> ProposalTable:
    """The proposal's row, locked until the end of the transaction."""
    row = await session.scalar(
        select(ProposalTable).where(ProposalTable.id == proposal_id).with_for_update()
    )
    if row is None:
        raise ProposalNotFoundError("there is no such proposal in this organization")
    return row


async def open_on_record(
    session: AsyncSession, record_id: UUID, *, apart_from: ProposalId | None = None
) -> ProposalTable | None:
    """A proposal on this record that is undecided or under way."""
    under_way = ProposalTable.execution.in_(("queued", "executing", "unknown"))
    return await session.scalar(
        select(ProposalTable)
        .where(
            ProposalTable.target_record_id == record_id,
            or_(ProposalTable.decision == DecisionState.PENDING, under_way),
            true() if apart_from is None else ProposalTable.id != apart_from,
        )
        .limit(1)
    )


def within(reach: Reach) -> ColumnElement[bool]:
    """The condition that a proposal lies within somebody's reach."""
    if reach.everything:
        return true()
    return or_(
        ProposalTable.requested_by == reach.user_id,
        ProposalTable.team_id.in_(reach.team_ids),
        ProposalTable.asks.overlap(sorted(reach.names)),
    )


_LOWEST: dict[str, Any] = {
    "createdAt": text("'-infinity'::timestamptz"),
    "updatedAt": text("'-infinity'::timestamptz"),
    "dueAt": text("'infinity'::timestamptz"),
    "risk": -1,
    "amount": -1,
}


def _sorting(sort: str) -> tuple[InstrumentedAttribute[Any], bool]:
    column = _SORTABLE.get(sort.removeprefix("-"))
    if column is None:
        raise InvalidInputError(f"sort is {sort!r}; use one of {', '.join(SORTS)}", field="sort")
    return column, sort.startswith("-")


def _filters(query: Query) -> list[ColumnElement[bool]]:
    table = ProposalTable
    conditions: list[ColumnElement[bool]] = []
    if query.decision:
        conditions.append(table.decision == query.decision)
    if query.execution:
        conditions.append(table.execution == query.execution)
    if query.playbook_id:
        conditions.append(table.playbook_id == query.playbook_id)
    if query.run_id:
        children = select(RunRow.id).where(RunRow.parent_run_id == query.run_id)
        conditions.append(or_(table.run_id == query.run_id, table.run_id.in_(children)))
    if query.min_risk is not None:
        conditions.append(table.risk_score >= query.min_risk)
    if query.text:
        words = (f"%{_escaped(word)}%" for word in query.text.split())
        haystack = table.sentence + " " + table.summary
        conditions.extend(haystack.ilike(word, escape="\\") for word in words)
    return conditions


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _joined() -> Select[ProposalTable, str, str, str]:
    table = ProposalTable
    return (
        select(table, PlaybookRow.name, UserAccount.name, Team.name)
        .join(
            PlaybookRow,
            and_(PlaybookRow.org_id == table.org_id, PlaybookRow.id == table.playbook_id),
        )
        .join(UserAccount, UserAccount.id == table.requested_by)
        .outerjoin(Team, and_(Team.org_id == table.org_id, Team.id == table.team_id))
    )


async def _total(session: AsyncSession, condition: ColumnElement[bool]) -> tuple[int, bool]:
    counted = select(ProposalTable.id).where(condition).limit(EXACT_TOTAL + 1).subquery()
    total = await session.scalar(select(func.count()).select_from(counted)) or 0
    if total <= EXACT_TOTAL:
        return total, False
    rows = await session.scalar(
        text("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'proposal'::regclass")
    )
    return max(total, rows or 0), True


async def _views(session: AsyncSession, rows: Sequence[Any]) -> list[ProposalView]:
    ids = [row[0].id for row in rows]
    acts = await acts_on(session, ids)
    effects = await session.scalars(select(EffectTable).where(EffectTable.proposal_id.in_(ids)))
    effect_of = {effect.proposal_id: effect for effect in effects}
    return [
        _view(row[0], row[1:4], acts.get(row[0].id, Acts()), effect_of.get(row[0].id))
        for row in rows
    ]


def _view(
    row: ProposalTable,
    names: tuple[str, str, str | None],
    acts: Acts,
    effect: EffectTable | None,
) -> ProposalView:
    current = acts.in_turn(row.revision, row.round)
    return ProposalView(
        row=row,
        playbook=names[0],
        requester=names[1],
        team=names[2],
        signatures=tuple(act for act in current if act.kind == "approve"),
        rejection=_one(current, "reject"),
        effect=effect,
        withdrawal=_one(current, "withdraw"),
        resolution=_one(current, "mark_done", "mark_not_done"),
        delegations=tuple(acts.delegations),
        by_policy=acts.by_policy(row.revision, row.round),
    )


def _one(acts: Sequence[Signature], *kinds: str) -> Signature | None:
    return next((act for act in acts if act.kind in kinds), None)
