"""Counts the calls of each organization in a calendar month (UTC), without a write for each of them.

A process adds up what it has served and brings it to the database every five seconds and when it stops. So the sum is
exact once every process has brought what it has; in between a process knows its own calls exactly and those of the
others as of its last visit. A process that is killed loses what it had not brought yet: calls of at most five seconds.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.logging import describe
from tenancy.models.usage import ApiUsage
from tenancy.ratelimit import Count, Standing, TooManyRequestsError
from tenancy.session import system
from tenancy.tiers import ALLOWANCES, Quota, Tier

EVERY_SECONDS = 5.0
_Account = tuple[OrgId, date]
_log = structlog.get_logger()


class CallsUsedUpError(TooManyRequestsError):
    """The calls of this month are used up; there are none before the next."""

    code = "quota_exceeded"

    def __init__(self, tier: Tier, used: int, count: Count) -> None:
        super().__init__(
            Standing((count,), refused=count),
            f"the tier {tier} allows {count.amount} calls a month and all are used;"
            " wait for the next month, or ask for a higher tier",
            quota=Quota.CALLS,
            used=used,
            allowed=count.amount,
            tier=tier,
        )


class CallCounter:
    """The calls that this process has served, and what it knows of the others'."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._brought: dict[_Account, int] = {}
        self._fresh: Counter[_Account] = Counter()
        self._stopping = asyncio.Event()
        self._visits: asyncio.Task[None] | None = None

    async def used(self, org_id: OrgId) -> int:
        """Calls of this month so far."""
        account = (org_id, _month_of(now()))
        if account not in self._brought:
            found = await self._ask(account)
            self._brought.setdefault(account, found)
        return self._brought[account] + self._fresh[account]

    async def take(self, org_id: OrgId, tier: Tier) -> Count:
        """Count one call. Raises :class:`CallsUsedUpError` when the month's calls are used up."""
        allowed, used = ALLOWANCES[tier].calls, await self.used(org_id)
        if used >= allowed:
            raise CallsUsedUpError(tier, used, _count(allowed, used))
        self._fresh[(org_id, _month_of(now()))] += 1
        return _count(allowed, used + 1)

    async def bring(self) -> None:
        """Add what is new to the database, and learn what all processes have brought."""
        fresh = Counter(self._fresh)
        try:
            self._brought = await self._add(fresh)
        except (OSError, SQLAlchemyError) as error:
            _log.warning("calls.bring.failed", error=describe(error))
        else:
            self._fresh -= fresh

    def start(self) -> None:
        """Bring what is new from time to time."""
        self._visits = asyncio.create_task(self._visit(), name="calls are brought")

    async def stop(self) -> None:
        """Bring the last of it."""
        self._stopping.set()
        if self._visits is not None:
            await self._visits

    async def _visit(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY_SECONDS)
            await self.bring()

    async def _ask(self, account: _Account) -> int:
        org_id, month = account
        query = select(ApiUsage.calls).where(ApiUsage.org_id == org_id, ApiUsage.month == month)
        async with system(self._database) as session:
            return await session.scalar(query) or 0

    async def _add(self, fresh: Counter[_Account]) -> dict[_Account, int]:
        """All at once, in one order: two processes that come together must not wait for each other."""
        if not fresh:
            return {}
        rows = [
            {"org_id": org_id, "month": month, "calls": calls}
            for (org_id, month), calls in sorted(fresh.items())
        ]
        adding = insert(ApiUsage).values(rows)
        adding = adding.on_conflict_do_update(
            index_elements=[ApiUsage.org_id, ApiUsage.month],
            set_={"calls": ApiUsage.calls + adding.excluded.calls},
        )
        returning = adding.returning(ApiUsage.org_id, ApiUsage.month, ApiUsage.calls)
        async with system(self._database) as session:
            found = await session.execute(returning)
            return {(OrgId(row.org_id), row.month): row.calls for row in found}


def month_ends(moment: datetime) -> datetime:
    """When the calendar month of a moment is over."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _month_of(moment: datetime) -> date:
    return moment.date().replace(day=1)


def _count(allowed: int, used: int) -> Count:
    moment = now()
    ends = month_ends(moment)
    began = datetime.combine(_month_of(moment), time.min, UTC)
    return Count(
        name="organization-month",
        amount=allowed,
        window=int((ends - began).total_seconds()),
        remaining=max(0, allowed - used),
        resets_at=ends.timestamp(),
    )
