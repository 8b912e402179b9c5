"""Reads what models have cost: this month's accounts with their caps, and the spend of runs."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.ids import PlaybookId
from backend.playbooks.budget import MonthlyCaps, monthly_caps
from backend.playbooks.service import list_playbooks
from backend.runs.budget_ledger import Scope, Standing, costs_nothing, month_of
from backend.runs.budget_models import ModelCall, Spending
from tenancy.context import Principal
from tenancy.permissions import Right, authorize


@dataclass(frozen=True, slots=True)
class PlaybookMonth:
    """One playbook's month; the caps are those of its current version."""

    id: PlaybookId
    name: str
    caps: MonthlyCaps
    standing: Standing


@dataclass(frozen=True, slots=True)
class Month:
    """The organization's month and how it divides over its playbooks."""

    period: str
    caps: MonthlyCaps
    standing: Standing
    playbooks: tuple[PlaybookMonth, ...]


@dataclass(frozen=True, slots=True)
class Spend:
    """What a run's calls of providers have used; money in millionths of a US dollar.

    ``calls`` were answered; the price of ``unpriced_calls`` nobody knows.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    micro_usd: int = 0
    unpriced_calls: int = 0


class Spender(Protocol):
    """A run as far as its cost goes."""

    @property
    def id(self) -> UUID:
        """The run."""

    @property
    def parent_run_id(self) -> UUID | None:
        """The playbook run that it is a part of."""

    @property
    def model(self) -> str:
        """Which model works for it."""

    @property
    def input_tokens(self) -> int:
        """What the model has read."""

    @property
    def output_tokens(self) -> int:
        """What the model has written."""

    @property
    def model_calls(self) -> int:
        """How often it was asked."""


@dataclass(frozen=True, slots=True)
class RunUse:
    """A :class:`Spender` without the rest of its row."""

    id: UUID
    parent_run_id: UUID | None
    model: str
    input_tokens: int
    output_tokens: int
    model_calls: int


SUMS = (
    func.sum(ModelCall.input_tokens),
    func.sum(ModelCall.output_tokens),
    func.count().filter(ModelCall.state == "answered"),
    func.sum(ModelCall.used_micro_usd),
    func.sum(ModelCall.unpriced_calls),
)
"""The fields of :class:`Spend` over a group of calls."""


async def this_month(session: AsyncSession, principal: Principal) -> Month:
    """The accounts of the present calendar month (UTC). Needs ``billing:read``."""
    authorize(principal, Right.BILLING_READ)
    period = month_of(now())
    rows = await session.scalars(select(Spending).where(Spending.period == period))
    standings = {(row.scope, row.subject_id): _standing(row) for row in rows}
    playbooks = [
        PlaybookMonth(
            one.id,
            one.name,
            MonthlyCaps(one.definition.budget.month_tokens, one.definition.budget.month_micro_usd),
            standings.get((Scope.PLAYBOOK, one.id), Standing()),
        )
        for one in await list_playbooks(session)
    ]
    whole = standings.get((Scope.ORGANIZATION, principal.org_id), Standing())
    return Month(period, await monthly_caps(session), whole, tuple(playbooks))


async def spend_of(session: AsyncSession, runs: Collection[Spender]) -> dict[UUID, Spend]:
    """The spend of each of these runs; a playbook run's includes its children. Offline runs are left out."""
    paid = [run for run in runs if not costs_nothing(run.model)]
    spent = {run.id: Spend() for run in paid}
    for column, ids in (
        (ModelCall.family_id, [run.id for run in paid if run.parent_run_id is None]),
        (ModelCall.run_id, [run.id for run in paid if run.parent_run_id is not None]),
    ):
        if ids:
            query = select(column, *SUMS).where(column.in_(ids)).group_by(column)
            for run_id, *sums in await session.execute(query):
                spent[run_id] = Spend(*map(int, sums))
    return spent


def _standing(row: Spending) -> Standing:
    return Standing(
        row.used_tokens,
        row.held_tokens,
        row.used_micro_usd,
        row.held_micro_usd,
        row.unpriced_calls,
    )
