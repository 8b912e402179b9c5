"""Counts proposals for the dashboard: what waits, what was decided in a period, and what became of it by playbook.

A period is made of whole UTC days, the present one included. What was decided is approved or rejected; an expiry is
nobody's decision and stands in the days alone. Every number is limited to a reach, as the lists of proposals are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Float,
    Select,
    and_,
    extract,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.playbooks.models import PlaybookRow
from backend.proposals.models import DecisionTable, ProposalTable
from backend.proposals.repository import within
from backend.proposals.states import DecisionState, ExecutionState
from tenancy.permissions import Reach

AGES: tuple[tuple[str, timedelta | None], ...] = (
    ("Under 1 h", timedelta(hours=1)),
    ("1 to 8 h", timedelta(hours=8)),
    ("8 to 24 h", timedelta(hours=24)),
    ("1 to 3 d", timedelta(days=3)),
    ("Over 3 d", None),
)
RISKS: tuple[tuple[int, int], ...] = ((0, 29), (30, 59), (60, 84), (85, 100))
DECIDED = (DecisionState.APPROVED, DecisionState.REJECTED)
TRIED = (
    ExecutionState.EXECUTED,
    ExecutionState.UNDONE,
    ExecutionState.FAILED,
    ExecutionState.UNKNOWN,
)
"""How an effect ends that was sent."""

_SHOWN_BY_DAY = (*DECIDED, DecisionState.EXPIRED)
_table, _act = ProposalTable, DecisionTable
_ALONE = (
    select(_act.org_id, _act.proposal_id, _act.revision, _act.round)
    .where(_act.kind == "approve", _act.user_id.is_(None))
    .distinct()
    .subquery("alone")
)
"""The revisions that the policy has approved without a person."""


@dataclass(frozen=True, slots=True)
class Span:
    """An age as moments of creation: from ``begin`` (absent: ever) to before ``end`` (absent: now)."""

    label: str
    begin: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for people; ``by_age`` follows :data:`AGES`, ``by_risk`` :data:`RISKS`."""

    count: int
    overdue: int
    by_age: tuple[int, ...]
    by_risk: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided in the period and how its effects ended; ``waits``: seconds at p50 and p90 of ``by_people``."""

    approved: int
    rejected: int
    edited: int
    automated: int
    tried: int
    executed: int
    failed: int
    waits: tuple[float, float] | None

    @property
    def count(self) -> int:
        """Approved or rejected."""
        return self.approved + self.rejected

    @property
    def by_people(self) -> int:
        """Those that the policy has not approved alone."""
        return self.count - self.automated


@dataclass(frozen=True, slots=True)
class DayCount:
    """What was decided on one UTC day."""

    day: date
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the proposals that a playbook made in the period."""

    playbook_id: UUID
    playbook: str
    proposed: int
    approved: int
    rejected: int
    edited: int
    executed: int
    failed: int
    automated: int


def begin_of(as_of: datetime, days: int) -> datetime:
    """The midnight (UTC) at which a period of so many days begins, the present day being the last."""
    midnight = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def ages(as_of: datetime) -> list[Span]:
    """The ages of :data:`AGES` at this moment."""
    edges = [None if age is None else as_of - age for _, age in AGES]
    ends = [None, *edges]
    return [
        Span(label, edge, end) for (label, _), edge, end in zip(AGES, edges, ends, strict=False)
    ]


async def pending(session: AsyncSession, reach: Reach, as_of: datetime) -> Pending:
    """What waits at this moment."""
    by_age = [_count(*_between(span)) for span in ages(as_of)]
    by_risk = [_count(_table.risk_score.between(low, high)) for low, high in RISKS]
    columns = [func.count(), _count(_table.due_at < as_of), *by_age, *by_risk]
    waits = and_(_table.decision == DecisionState.PENDING, within(reach))
    row: Sequence[int] = (await session.execute(select(*columns).where(waits))).one()
    count, overdue, *rest = row
    return Pending(count, overdue, tuple(rest[: len(AGES)]), tuple(rest[len(AGES) :]))


async def decided(session: AsyncSession, reach: Reach, since: datetime) -> Decided:
    """What was decided since then, as it stands now."""
    waited = extract("epoch", _table.decided_at - _table.created_at)
    shares: ColumnElement[Any] = literal_column("ARRAY[0.5, 0.9]")
    waits = func.percentile_cont(shares).within_group(waited).filter(_ALONE.c.proposal_id.is_(None))
    query = _with_policy(*_outcome_counts(), _count(_table.execution.in_(TRIED)))
    query = query.add_columns(type_coerce(waits, ARRAY(Float))).where(
        _table.decided_at >= since, _table.decision.in_(DECIDED), within(reach)
    )
    row = (await session.execute(query)).one()
    approved, rejected, edited, executed, failed, automated, tried, times = row
    return Decided(
        approved=approved,
        rejected=rejected,
        edited=edited,
        automated=automated,
        tried=tried,
        executed=executed,
        failed=failed,
        waits=(times[0], times[1]) if times else None,
    )


async def by_day(session: AsyncSession, reach: Reach, since: datetime, days: int) -> list[DayCount]:
    """One entry a day, also for days on which nothing was decided."""
    day = func.date_trunc("day", func.timezone("UTC", _table.decided_at), type_=DateTime())
    query = (
        select(day, _table.decision, func.count())
        .where(_table.decided_at >= since, _table.decision.in_(_SHOWN_BY_DAY), within(reach))
        .group_by(day, _table.decision)
    )
    found = [DayCount((since + timedelta(days=n)).date()) for n in range(days)]
    entry = {one.day: one for one in found}
    for moment, decision, count in await session.execute(query):
        if moment.date() in entry:  # a decision just after midnight belongs to the next answer
            entry[moment.date()].counts[decision] = count
    return found


async def by_playbook(session: AsyncSession, reach: Reach, since: datetime) -> list[Outcome]:
    """Of what was proposed since then, the busiest playbook first."""
    query = (
        _with_policy(_table.playbook_id, func.count(), *_outcome_counts())
        .where(_table.created_at >= since, within(reach))
        .group_by(_table.playbook_id)
        .order_by(func.count().desc(), _table.playbook_id)
    )
    rows = (await session.execute(query)).all()
    names = dict((await session.execute(select(PlaybookRow.id, PlaybookRow.name))).all())
    return [Outcome(row[0], names[row[0]], *row[1:]) for row in rows]


def _outcome_counts() -> list[ColumnElement[int]]:
    """Approved, rejected, edited, executed, failed, automated; only what is decided counts as edited."""
    settled = _table.decision.in_(DECIDED)
    return [
        _count(_table.decision == DecisionState.APPROVED),
        _count(_table.decision == DecisionState.REJECTED),
        _count(_table.edited_by.is_not(None), settled),
        _count(_table.execution == ExecutionState.EXECUTED),
        _count(_table.execution == ExecutionState.FAILED),
        _count(_table.decision == DecisionState.APPROVED, _ALONE.c.proposal_id.is_not(None)),
    ]


def _with_policy(*columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
    """These columns with ``_ALONE`` beside each proposal: one hash join, where a look-up per row would be slow."""
    same = and_(
        _ALONE.c.org_id == _table.org_id,
        _ALONE.c.proposal_id == _table.id,
        _ALONE.c.revision == _table.revision,
        _ALONE.c.round == _table.round,
    )
    return select(*columns).select_from(_table).outerjoin(_ALONE, same)


def _between(span: Span) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if span.begin is not None:
        conditions.append(_table.created_at >= span.begin)
    if span.end is not None:
        conditions.append(_table.created_at < span.end)
    return conditions


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(*conditions)
