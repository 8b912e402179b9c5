"""Ends runs before their time: which of a family still go on, and their last state, trace and wake-up.

What becomes of their proposals is decided above, in ``backend.proposals.ending``.
"""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.ids import RunId
from backend.runs.budget_ledger import costs_nothing, release
from backend.runs.models import RunRow
from backend.runs.service import FINAL, RunState, Step, add_step
from tenancy.changes import Change, EventKind, WakeKind, Wakeup, record


class Way(StrEnum):
    """How a run is ended: its workflow may finish its books, or is cut off at once."""

    CANCEL = "cancel"
    TERMINATE = "terminate"

    @property
    def done(self) -> str:
        """The word for what has been done."""
        return "cancelled" if self is Way.CANCEL else "terminated"


_WAKE = {Way.CANCEL: WakeKind.CANCEL_RUN, Way.TERMINATE: WakeKind.TERMINATE_RUN}


async def going_on(session: AsyncSession, run_id: RunId) -> list[UUID]:
    """Which of the run and its children have not ended."""
    own, children = _own(run_id), _children(run_id)
    found = [*await session.scalars(own), *await session.scalars(children)]
    return [row.id for row in found if row.state not in FINAL]


async def lock_family(session: AsyncSession, run_id: RunId) -> list[RunRow]:
    """The run, ended or not, and those of its children that go on; locked, the run first.

    Two statements: a child that was opened while the first one waited for the lock is seen by the second.
    """
    found: list[RunRow] = []
    for query in (_own(run_id), _children(run_id)):
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        found += await session.scalars(locked)
    return found


async def close(session: AsyncSession, runs: Sequence[RunRow], way: Way, why: str) -> None:
    """Write the end of locked runs, and ask the engine to end the workflows of those that went on."""
    moment = now()
    if not all(costs_nothing(row.model) for row in runs):
        await release(session, [row.id for row in runs])
    for row in runs:
        if row.state not in FINAL:
            record(session, Change(row.id, wake=Wakeup(_WAKE[way], row.id)))
        row.state, row.outcome, row.finished_at = RunState.CANCELLED, why, moment
        step = Step("end", "record", f"{way}_run", why, moment, moment)
        await add_step(session, RunId(row.id), step)
    for shown in {row.parent_run_id or row.id for row in runs}:
        record(session, Change(shown, event=EventKind.RUN_CHANGED))


def _own(run_id: RunId) -> Select[RunRow]:
    return select(RunRow).where(RunRow.id == run_id)


def _children(run_id: RunId) -> Select[RunRow]:
    return (
        select(RunRow)
        .where(RunRow.parent_run_id == run_id, RunRow.state.not_in(FINAL))
        .order_by(RunRow.id)
    )
