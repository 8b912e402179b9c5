"""Reading proposals one by one or by their ids, and what is open on a record. Lists are in ``listing``."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, bindparam, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from backend.core.errors import NotFoundError
from backend.core.ids import ProposalId, RunId
from backend.playbooks.models import PlaybookRow
from backend.proposals.acts import Acts, acts_on
from backend.proposals.models import EffectTable, ProposalTable, RevisionTable
from backend.proposals.states import DecisionState
from backend.proposals.views import ProposalView, Revision, Signature, Used
from backend.runs.budget_reading import RunUse, spend_of
from backend.runs.models import RunRow
from tenancy.models.organization import Team, UserAccount
from tenancy.permissions import Reach

_table = ProposalTable
_WHOLE = (
    select(_table, PlaybookRow.name, UserAccount.name, Team.name, EffectTable)
    .add_columns(RunRow.id, RunRow.parent_run_id, RunRow.model)
    .add_columns(RunRow.input_tokens, RunRow.output_tokens, RunRow.model_calls)
    .join(
        PlaybookRow, and_(PlaybookRow.org_id == _table.org_id, PlaybookRow.id == _table.playbook_id)
    )
    .join(UserAccount, UserAccount.id == _table.requested_by)
    .join(RunRow, and_(RunRow.org_id == _table.org_id, RunRow.id == _table.run_id))
    .outerjoin(Team, and_(Team.org_id == _table.org_id, Team.id == _table.team_id))
    .outerjoin(
        EffectTable, and_(EffectTable.org_id == _table.org_id, EffectTable.proposal_id == _table.id)
    )
)
"""Proposals with what is read beside them, composed once."""
_OF_CARDS = (
    *(_table.guard, _table.parameters, _table.changes, _table.stale_changes, _table.how),
    *(_table.reasoning, _table.plan, _table.attempts, _table.evidence),
)
_LISTED = _WHOLE.where(_table.id == any_(bindparam("proposals", type_=ARRAY(Uuid)))).options(
    *(defer(column, raiseload=True) for column in _OF_CARDS)
)
"""The same without what only cards show. Touching that raises."""


class ProposalNotFoundError(NotFoundError):
    """The organization has no such proposal, or it lies outside the person's reach."""

    code = "proposal_not_found"


async def get(session: AsyncSession, reach: Reach, proposal_id: ProposalId) -> ProposalView:
    """One proposal within reach. Raises :class:`ProposalNotFoundError`."""
    query = _WHOLE.where(ProposalTable.id == proposal_id, within(reach))
    views = await _views(session, (await session.execute(query)).all())
    if not views:
        raise ProposalNotFoundError("there is no such proposal in this organization")
    return views[0]


async def within_reach(
    session: AsyncSession, reach: Reach, proposal_ids: Collection[UUID]
) -> dict[UUID, ProposalView]:
    """Those of these proposals that lie within reach, as a list shows them."""
    return await _listed(session, _LISTED.where(within(reach)), proposal_ids)


async def by_ids(session: AsyncSession, proposal_ids: Collection[UUID]) -> dict[UUID, ProposalView]:
    """These proposals of the organization as a list shows them, whoever may see them: the change stream asks later."""
    return await _listed(session, _LISTED, proposal_ids)


async def sentences(
    session: AsyncSession, reach: Reach, proposal_ids: Collection[UUID]
) -> dict[UUID, str]:
    """What those of these proposals say that lie within reach."""
    query = select(ProposalTable.id, ProposalTable.sentence)
    found = await session.execute(query.where(ProposalTable.id.in_(proposal_ids), within(reach)))
    return dict(found.all())


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
    query = _WHOLE.where(ProposalTable.run_id == run_id).order_by(ProposalTable.id)
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
    concerns = or_(
        ProposalTable.requested_by == reach.user_id,
        ProposalTable.asks.overlap(sorted(reach.names)),
    )
    if reach.only_in is not None:
        concerns = and_(concerns, ProposalTable.team_id.in_(reach.only_in))
    return or_(concerns, ProposalTable.team_id.in_(reach.team_ids))


async def _listed(
    session: AsyncSession, query: Select[*tuple[Any, ...]], proposal_ids: Collection[UUID]
) -> dict[UUID, ProposalView]:
    if not proposal_ids:
        return {}
    rows = (await session.execute(query, {"proposals": list(proposal_ids)})).all()
    return {view.row.id: view for view in await _views(session, rows)}


async def _views(session: AsyncSession, rows: Sequence[Any]) -> list[ProposalView]:
    acts = await acts_on(session, [row[0].id for row in rows])
    runs = [RunUse(*row[5:]) for row in rows]
    spent = await spend_of(session, runs)
    return [
        _view(row[0], row[1:4], acts.get(row[0].id, Acts()), row[4], Used(run, spent.get(run.id)))
        for row, run in zip(rows, runs, strict=True)
    ]


def _view(
    row: ProposalTable,
    names: tuple[str, str, str | None],
    acts: Acts,
    effect: EffectTable | None,
    used: Used,
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
        used=used,
    )


def _one(acts: Sequence[Signature], *kinds: str) -> Signature | None:
    return next((act for act in acts if act.kind in kinds), None)
