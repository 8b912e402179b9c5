"""Reads what people and the policy have done with proposals, in the order of their doing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from backend.core.errors import UnauthenticatedError
from backend.core.ids import UserId
from backend.proposals.models import DecisionTable
from backend.proposals.views import Delegation, Signature
from tenancy.context import Channel, Principal
from tenancy.models.organization import TeamMember, UserAccount
from tenancy.principals import load_principal

_Turn: TypeAlias = tuple[int, int]  # revision and round
_LEFT = "Somebody who has left"
_receiver = aliased(UserAccount)
_TEAMS = (
    select(func.array_agg(TeamMember.team_id, type_=ARRAY(Uuid)))
    .where(TeamMember.org_id == DecisionTable.org_id, TeamMember.user_id == DecisionTable.user_id)
    .scalar_subquery()
)
_ACTS = (
    select(DecisionTable, UserAccount.name, _receiver.name, _TEAMS)
    .outerjoin(UserAccount, UserAccount.id == DecisionTable.user_id)
    .outerjoin(_receiver, _receiver.id == DecisionTable.to_user_id)
    .where(DecisionTable.proposal_id == any_(bindparam("proposals", type_=ARRAY(Uuid))))
    .order_by(DecisionTable.at, DecisionTable.id)
)


@dataclass(slots=True)
class Acts:
    """All acts on one proposal. Delegations outlast an edit: they say who signs, not what."""

    signatures: list[tuple[_Turn, Signature]] = field(default_factory=list)
    approvals_by_policy: list[tuple[_Turn, datetime]] = field(default_factory=list)
    delegations: list[Delegation] = field(default_factory=list)

    def in_turn(self, revision: int, round_: int) -> Sequence[Signature]:
        """People's acts on one revision in one round."""
        return [act for turn, act in self.signatures if turn == (revision, round_)]

    def by_policy(self, revision: int, round_: int) -> datetime | None:
        """When the policy approved this revision by itself in this round."""
        moments = (at for turn, at in self.approvals_by_policy if turn == (revision, round_))
        return next(moments, None)


async def acts_on(session: AsyncSession, proposal_ids: Collection[UUID]) -> dict[UUID, Acts]:
    """The acts on these proposals. A delegation to somebody who has left is none."""
    found: dict[UUID, Acts] = {}
    acts_of = await session.execute(_ACTS, {"proposals": list(proposal_ids)})
    for row, name, to_name, teams in acts_of:
        acts, turn = found.setdefault(row.proposal_id, Acts()), (row.revision, row.round)
        if row.user_id is None:
            acts.approvals_by_policy += [(turn, row.at)] if row.kind == "approve" else []
        elif row.to_user_id is not None:
            if to_name is not None:
                giver = await _principal(session, UserId(row.user_id))
                acts.delegations.append(
                    Delegation(row.user_id, giver, row.to_user_id, to_name, row.at)
                )
        else:
            acts.signatures.append((turn, _signature(row, row.user_id, name, teams)))
    return found


def _signature(
    row: DecisionTable, user_id: UUID, name: str | None, teams: list[UUID] | None
) -> Signature:
    return Signature(
        decision_id=row.id,
        user_id=user_id,
        name=name or _LEFT,
        kind=row.kind,
        reason=row.reason,
        at=row.at,
        teams=frozenset(teams or ()),
    )


async def _principal(session: AsyncSession, user_id: UserId) -> Principal | None:
    try:
        return await load_principal(session, user_id, Channel.SYSTEM)
    except UnauthenticatedError:
        return None
