"""One organization with hundreds of runs at once beside another one with a single run at a time."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from backend.core.ids import RunId
from backend.runs.closing import Way
from backend.runs.models import RunRow
from backend.runs.service import RunEndedError, RunInputs
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from tests.ending import end
from tests.waiting import eventually

_OLDEST = 100  # days; each new invoice is overdue for longer, so that it is the one that the next run looks at


class Crowd:
    """Several runs of a playbook over a whole account, all started at the same time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._runs: Sequence[RunId] = ()

    async def gather(self, runs: int) -> int:
        """Start so many; how many invoices wait to be looked at when they are all known."""
        self._runs = await asyncio.gather(*(self._desk.start() for _ in range(runs)))

        async def opened() -> int | None:
            views = [await self._desk.run(run_id) for run_id in self._runs]
            return await self.left() if all(view.counts.candidates for view in views) else None

        return await eventually(opened, "the crowd's runs", seconds=120)

    async def left(self) -> int:
        """How many runs have neither proposed nor ended."""
        waiting = select(func.count()).where(
            RunRow.parent_run_id.in_(self._runs),
            RunRow.state.in_(("queued", "running")),
            RunRow.proposed.is_(False),
        )
        async with tenant(self._desk.database, self._desk.context) as session:
            return await session.scalar(waiting) or 0

    async def disperse(self) -> None:
        """End them all; returns when nothing of theirs is at work any more."""
        for run_id in self._runs:
            with contextlib.suppress(RunEndedError):
                await end(self._desk, run_id, Way.TERMINATE)

        async def gone() -> bool:
            return await self.left() == 0

        await eventually(gone, "the end of the crowd", seconds=120)


class Single:
    """Runs over one new invoice each."""

    def __init__(self, desk: Desk, account: Account) -> None:
        self._desk = desk
        self._account = account
        self._days = _OLDEST

    async def run(self) -> tuple[datetime, datetime]:
        """When a run was asked for and when its proposal was made, by the database's clock."""
        self._days += 1
        await asyncio.to_thread(self._account.overdue_invoice, days=self._days)
        run_id = await self._desk.start(RunInputs(max_invoices=1))

        async def proposed() -> datetime | None:
            views = await self._desk.proposed(run_id)
            return views[0].row.created_at if views else None

        made = await eventually(proposed, "a proposal", seconds=120)
        return (await self._desk.run(run_id)).row.created_at, made
