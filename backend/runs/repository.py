"""Reads runs for people: rows with names and with how their children stand, and one run's trace."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, bindparam, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import NotFoundError
from backend.core.ids import RunId
from backend.playbooks.models import PlaybookRow
from backend.runs.budget_reading import Spend, spend_of
from backend.runs.facts import FACTS, RunFacts
from backend.runs.models import RunRow, RunStepRow
from tenancy.models.organization import UserAccount
from tenancy.permissions import Reach

JOINED = (
    select(PlaybookRow.name, UserAccount.name, *FACTS)
    .select_from(RunRow)
    .join(
        PlaybookRow,
        and_(PlaybookRow.org_id == RunRow.org_id, PlaybookRow.id == RunRow.playbook_id),
    )
    .join(UserAccount, UserAccount.id == RunRow.requested_by)
)
"""Runs with the names of playbook and requester. Made once: composing it takes as long as asking it."""
_WORKING = or_(RunRow.state == "queued", RunRow.state == "running")
_CHILDREN = (
    select(
        RunRow.parent_run_id,
        func.count(),
        func.count().filter(_WORKING),
        func.count().filter(RunRow.proposed, ~_WORKING),
        func.count().filter(RunRow.state == "failed", ~RunRow.proposed),
        func.count().filter(RunRow.state == "cancelled", ~RunRow.proposed),
    )
    .where(RunRow.parent_run_id == any_(bindparam("parents", type_=ARRAY(Uuid))))
    .group_by(RunRow.parent_run_id)
)


class RunNotFoundError(NotFoundError):
    """The organization has no such run, or it lies outside the person's reach."""

    code = "run_not_found"


@dataclass(frozen=True, slots=True)
class Counts:
    """How the children of a playbook run stand; they add up to ``candidates``."""

    candidates: int = 0
    working: int = 0
    proposed: int = 0
    nothing_to_do: int = 0
    failed: int = 0
    cancelled: int = 0


_NO_CHILDREN = Counts()


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with what people want to read beside it; the offline rules have no ``spend``."""

    row: RunFacts
    playbook: str
    requested_by: str
    counts: Counts
    spend: Spend | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the trace in its place."""

    seq: int
    kind: str
    name: str
    state: str
    summary: str
    started_at: datetime
    finished_at: datetime | None
    input_tokens: int
    output_tokens: int


async def get_run(session: AsyncSession, reach: Reach, run_id: RunId) -> RunView:
    """One run. Raises :class:`RunNotFoundError`."""
    views = await views_of(session, JOINED.where(RunRow.id == run_id, within(reach)))
    if not views:
        raise RunNotFoundError("there is no such run in this organization")
    return views[0]


async def by_ids(session: AsyncSession, run_ids: Collection[UUID]) -> dict[UUID, RunView]:
    """These runs of the organization, whoever may see them: for the change stream, which asks later."""
    if not run_ids:
        return {}
    views = await views_of(session, JOINED.where(RunRow.id.in_(run_ids)))
    return {view.row.id: view for view in views}


async def playbooks_of(
    session: AsyncSession, reach: Reach, run_ids: Collection[UUID]
) -> dict[UUID, str]:
    """The playbooks' names of those of these runs that lie within reach."""
    same = and_(PlaybookRow.org_id == RunRow.org_id, PlaybookRow.id == RunRow.playbook_id)
    query = select(RunRow.id, PlaybookRow.name).join(PlaybookRow, same)
    found = await session.execute(query.where(RunRow.id.in_(run_ids), within(reach)))
    return dict(found.all())


async def children_of(session: AsyncSession, run_id: RunId, limit: int = 500) -> list[RunView]:
    """The children of a playbook run, newest first."""
    query = JOINED.where(RunRow.parent_run_id == run_id).order_by(RunRow.id.desc()).limit(limit)
    return await views_of(session, query)


async def child_ids(
    session: AsyncSession, run_id: RunId, after: RunId | None, limit: int
) -> list[RunId]:
    """Ids of the run's children in their order, from the one that follows ``after``."""
    query = select(RunRow.id).where(RunRow.parent_run_id == run_id).order_by(RunRow.id).limit(limit)
    if after is not None:
        query = query.where(RunRow.id > after)
    return [RunId(child) for child in await session.scalars(query)]


async def steps_of(session: AsyncSession, run_id: RunId) -> list[StepView]:
    """The trace of a run in order of time."""
    rows = await session.scalars(
        select(RunStepRow)
        .where(RunStepRow.run_id == run_id)
        .order_by(RunStepRow.started_at, RunStepRow.key)
    )
    return [
        StepView(
            seq=seq,
            kind=row.kind,
            name=row.name,
            state=row.state,
            summary=row.summary,
            started_at=row.started_at,
            finished_at=row.finished_at,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
        )
        for seq, row in enumerate(rows, start=1)
    ]


def within(reach: Reach) -> ColumnElement[bool]:
    """The condition that a run lies within somebody's reach."""
    if reach.everything:
        return ~false()
    own = RunRow.requested_by == reach.user_id
    if reach.only_in is not None:
        own = and_(own, RunRow.team_id.in_(reach.only_in))
    return or_(own, RunRow.team_id.in_(reach.team_ids))


async def views_of(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> list[RunView]:
    """What the query of ``JOINED`` finds, with counts and spend."""
    rows = (await session.execute(query)).all()
    runs = [RunFacts(*row[2:]) for row in rows]
    counts = await _counts(session, [run.id for run in runs])
    spent = await spend_of(session, runs)
    return [
        RunView(run, row[0], row[1], counts.get(run.id, _NO_CHILDREN), spent.get(run.id))
        for run, row in zip(runs, rows, strict=True)
    ]


async def _counts(session: AsyncSession, run_ids: Iterable[UUID]) -> dict[UUID, Counts]:
    found = await session.execute(_CHILDREN, {"parents": list(run_ids)})
    return {
        parent: Counts(all_, busy, asked, all_ - busy - asked - failed - ended, failed, ended)
        for parent, all_, busy, asked, failed, ended in found
        if parent is not None
    }
