"""Lists of proposals within a person's reach: pages of the matrix, what they add up to, and ids alone."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.keyset import Position
from backend.core.money import Money
from backend.core.totals import Total, total_of
from backend.proposals import boxes, repository
from backend.proposals.filters import Filter, conditions
from backend.proposals.models import ProposalTable
from backend.proposals.sorting import joined_for, order_of
from backend.proposals.views import ProposalView
from tenancy.context import Principal
from tenancy.permissions import Right, authorize


@dataclass(frozen=True, slots=True)
class Query:
    """What a list shows. ``after`` is the last row's (sort value, id) of the page before; else ``offset``."""

    wanted: Filter = field(default_factory=Filter)
    sort: str = "-createdAt"
    limit: int = 50
    offset: int = 0
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page; ``next_after`` continues it."""

    views: list[ProposalView]
    total: Total
    next_after: Position | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What a list adds up to. ``money``, one of each currency, is known where the total is exact."""

    total: Total
    money: list[Money] | None
    highest_risk: int | None


async def find(session: AsyncSession, principal: Principal, query: Query) -> Found:
    """One page of the proposals within reach. Needs ``proposals:read``."""
    where = await matching(session, principal, query.wanted)
    views, more = await batch(session, where, query)
    if more is None and query.after is None and (views or not query.offset):
        return Found(views, Total(query.offset + len(views)), None)  # the list ends here
    return Found(views, await total_of(session, select(ProposalTable.id).where(where)), more)


async def batch(
    session: AsyncSession, where: ColumnElement[bool], query: Query
) -> tuple[list[ProposalView], Position | None]:
    """The rows of one page and where the next begins. Ids are put in order first: whole rows are wide."""
    order = order_of(query.sort)
    ids = joined_for(select(ProposalTable.id, order.key).where(where), query.sort)
    ids = order.apply(ids, query.after).limit(query.limit + 1).offset(query.offset)
    rows = (await session.execute(ids)).all()
    shown = rows[: query.limit]
    views = await repository.by_ids(session, [row[0] for row in shown])
    more = (shown[-1][1], shown[-1][0]) if len(rows) > query.limit else None
    return [views[row[0]] for row in shown if row[0] in views], more


async def summary(session: AsyncSession, principal: Principal, wanted: Filter) -> Sums:
    """What the filtered list adds up to. Needs ``proposals:read``."""
    where = await matching(session, principal, wanted)
    total = await total_of(session, select(ProposalTable.id).where(where))
    risk = await session.scalar(select(func.max(ProposalTable.risk_score)).where(where))
    if total.is_estimate:
        return Sums(total, money=None, highest_risk=risk)
    table = ProposalTable
    added = (
        select(table.currency, func.sum(table.amount_minor))
        .where(where, table.currency.is_not(None), table.amount_minor.is_not(None))
        .group_by(table.currency)
        .order_by(table.currency)
    )
    money = [Money(code, int(minor or 0)) for code, minor in await session.execute(added) if code]
    return Sums(total, money=money, highest_risk=risk)


async def count(session: AsyncSession, where: ColumnElement[bool]) -> int:
    """How many there are, exactly."""
    return await session.scalar(select(func.count()).select_from(ProposalTable).where(where)) or 0


async def ids_of(
    session: AsyncSession, principal: Principal, wanted: Filter, *, limit: int
) -> list[UUID]:
    """The ids of the filtered list, newest first, at most ``limit``."""
    where = await matching(session, principal, wanted)
    query = select(ProposalTable.id).where(where)
    query = order_of("-createdAt").apply(query, None).limit(limit)
    return list(await session.scalars(query))


async def matching(
    session: AsyncSession, principal: Principal, wanted: Filter
) -> ColumnElement[bool]:
    """That a proposal lies within the person's reach and matches. Needs ``proposals:read``."""
    reach = authorize(principal, Right.PROPOSALS_READ)
    own = ProposalTable.org_id == principal.org_id  # RLS says so too; a constant is estimated well
    where = [own, repository.within(reach), *conditions(wanted)]
    if wanted.box is not None:
        where.append(await boxes.condition(session, principal, wanted.box))
    return and_(*where)
