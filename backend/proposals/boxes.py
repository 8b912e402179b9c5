"""The boxes of the inbox as SQL. ``mine`` is exactly what ``policy.refusal`` lets a person sign.

What the policy says of one row is SQL. Chains of delegations and the matching of signers to teams are not: the few
pending proposals that have them are read, and the arbiter itself says which of them are the person's.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.playbooks.policy import EditorSigns
from backend.proposals.filters import Box
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.policy import signs_now
from backend.proposals.repository import by_ids
from backend.proposals.states import DecisionState
from tenancy.context import Principal
from tenancy.models.organization import UserAccount
from tenancy.permissions import Reach, Right, asking, reach_of

_PENDING = ProposalTable.decision == DecisionState.PENDING
_TERMS = ProposalTable.terms
_APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many proposals lie in each box; ``overdue`` of ``mine``."""

    mine: int
    overdue: int
    team: int
    waiting: int
    decided: int


async def condition(session: AsyncSession, principal: Principal, box: Box) -> ColumnElement[bool]:
    """That a proposal lies in this box of this person. The boxes are disjoint."""
    if box is Box.DECIDED:
        return _decided(principal)
    mine = await _mine(session, principal)
    waiting = and_(_PENDING, or_(_requested(principal), _signed(principal)), not_(mine))
    match box:
        case Box.MINE:
            return mine
        case Box.WAITING:
            return waiting
        case Box.TEAM:
            return and_(_PENDING, _of_teams(principal), not_(mine), not_(waiting))


async def count(session: AsyncSession, principal: Principal, within: ColumnElement[bool]) -> Counts:
    """How full the boxes are, of what lies within the person's reach."""
    told = (
        select(
            (await _mine(session, principal)).label("mine"),
            or_(_requested(principal), _signed(principal)).label("own"),
            _of_teams(principal).label("team"),
            func.coalesce(ProposalTable.due_at < now(), false()).label("late"),
        )
        .where(_PENDING, within)
        .offset(0)  # each is asked once a row: the planner may not write it into every count
        .subquery()
        .c
    )
    pending = select(
        func.count().filter(told.mine),
        func.count().filter(told.mine, told.late),
        func.count().filter(told.team, not_(told.mine), not_(told.own)),
        func.count().filter(told.own, not_(told.mine)),
    )
    mine, overdue, team, waiting = (await session.execute(pending)).one()
    decided = select(func.count()).where(_decided(principal), within)
    return Counts(mine, overdue, team, waiting, await session.scalar(decided) or 0)


async def _mine(session: AsyncSession, principal: Principal) -> ColumnElement[bool]:
    reach = reach_of(principal, Right.PROPOSALS_APPROVE)
    if reach is None:
        return false()
    intricate = or_(_given_to(principal), and_(_flag("different_teams"), _signed_by_anybody()))
    unclear = await session.scalars(
        select(ProposalTable.id).where(_PENDING, intricate, _free(principal))
    )
    views = await by_ids(session, list(unclear))
    signable = [key for key, view in views.items() if signs_now(principal, view)]
    plain = and_(
        _PENDING,
        _asked(principal, reach),
        _free(principal),
        _other_team(principal),
        not_(_given_away(principal)),
    )
    return or_(plain, ProposalTable.id.in_(signable)) if signable else plain


def _free(principal: Principal) -> ColumnElement[bool]:
    """That the person has neither asked for it, nor signed it, nor written it."""
    table = ProposalTable
    lowers = and_(
        table.edit_lowers, _text("editor_signs", EditorSigns.LOWER_AMOUNT) != EditorSigns.NEVER
    )
    return and_(
        or_(table.requested_by != principal.user_id, _flag("requester_signs")),
        or_(table.edited_by.is_distinct_from(principal.user_id), lowers),
        not_(_signed(principal)),
    )


def _asked(principal: Principal, reach: Reach) -> ColumnElement[bool]:
    """That the policy or an escalation names the person, or names nobody and their right reaches it."""
    table = ProposalTable
    open_to_all = or_(~_TERMS.has_key("approvers"), _TERMS["approvers"].astext == "[]")
    reached = true() if reach.everything else table.team_id.in_(reach.team_ids)
    escalated = and_(table.escalated_at.is_not(None), _names(principal, "escalated_to"))
    asked = or_(_names(principal, "approvers"), escalated, and_(open_to_all, reached))
    return asked if reach.only_in is None else and_(asked, table.team_id.in_(reach.only_in))


def _names(principal: Principal, whose: str) -> ColumnElement[bool]:
    own: list[dict[str, Any]] = [{"person": str(principal.user_id)}]
    own += [{"team": str(team)} for team in sorted(principal.team_ids)]
    own += [{"role": str(role)} for role in principal.roles]
    return or_(*(_TERMS.contains({whose: [one]}) for one in own))


def _other_team(principal: Principal) -> ColumnElement[bool]:
    """That no two teams are asked for, or nobody has signed and the person can stand for a team."""
    first = not_(_signed_by_anybody()) if principal.team_ids else false()
    return or_(not_(_flag("different_teams")), first)


def _of_teams(principal: Principal) -> ColumnElement[bool]:
    if not principal.team_ids:
        return false()
    names = [asking(team=team) for team in sorted(principal.team_ids)]
    team = ProposalTable.team_id.in_(principal.team_ids)
    return or_(team, ProposalTable.asks.overlap(names))


def _decided(principal: Principal) -> ColumnElement[bool]:
    acted = _act(DecisionTable.user_id == principal.user_id)
    return and_(not_(_PENDING), or_(_requested(principal), acted))


def _requested(principal: Principal) -> ColumnElement[bool]:
    return ProposalTable.requested_by == principal.user_id


def _signed(principal: Principal) -> ColumnElement[bool]:
    return _signed_by_anybody(DecisionTable.user_id == principal.user_id)


def _signed_by_anybody(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """That there is a signature on the present revision in the present round."""
    return _act(
        DecisionTable.kind == _APPROVE,
        DecisionTable.user_id.is_not(None),
        DecisionTable.revision == ProposalTable.revision,
        DecisionTable.round == ProposalTable.round,
        *more,
    )


def _given_to(principal: Principal) -> ColumnElement[bool]:
    return _act(DecisionTable.to_user_id == principal.user_id)


def _given_away(principal: Principal) -> ColumnElement[bool]:
    """A signature that was given to somebody who has left is back: such accounts cannot be seen."""
    here = exists().where(UserAccount.id == DecisionTable.to_user_id)
    return _act(DecisionTable.user_id == principal.user_id, here)


def _act(*of: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            DecisionTable.org_id == ProposalTable.org_id,
            DecisionTable.proposal_id == ProposalTable.id,
            *of,
        )
        .correlate(ProposalTable)
    )


def _flag(name: str) -> ColumnElement[bool]:
    return _text(name, "false") == "true"


def _text(name: str, otherwise: str) -> ColumnElement[str]:
    return func.coalesce(_TERMS[name].astext, otherwise)
