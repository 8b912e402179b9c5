"""Asks every part of the system how it is, at the same time and with bounded patience; keeps the answers for a moment.

What is kept is about the installation as a whole and names nobody. Connections belong to one organization: they are
read anew for each who asks.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.hub import Hub
from backend.connectors.standing import ConnectionStanding, standings
from backend.core.clock import now
from backend.core.db import Database
from backend.schemas.analytics import Check
from tenancy.outbox import oldest_waiting
from tenancy.session import system
from workflows.client import Workflows

PATIENCE_SECONDS = 2.0
KEPT_SECONDS = 5.0
OK, DEGRADED, FAILED, UNKNOWN = "ok", "degraded", "failed", "unknown"
WORST_FIRST = (FAILED, DEGRADED, UNKNOWN, OK)
_SLOW_MS = 250.0
_LATE = timedelta(seconds=10)
_LOST = timedelta(seconds=60)
_Answer = tuple[str, str]


def worst(checks: list[Check]) -> str:
    """The state of all of them together."""
    return min((check.state for check in checks), key=WORST_FIRST.index, default=UNKNOWN)


class Board:
    """What one API process knows of the installation; asks at most every five seconds, whoever wants to know."""

    def __init__(self, database: Database, workflows: Workflows, hub: Hub) -> None:
        self._database = database
        self._workflows = workflows
        self._hub = hub
        self._kept: list[Check] = []
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def checks(self) -> list[Check]:
        """How database, engine, workers, change stream and relay are."""
        async with self._asking:
            if time.monotonic() >= self._until:
                self._kept = await self._ask()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._kept

    async def _ask(self) -> list[Check]:
        return list(
            await asyncio.gather(
                _check("database", "Database", self._ask_database, FAILED),
                _check("engine", "Workflow engine", self._ask_engine, FAILED),
                _check("workers", "Workers", self._ask_workers, UNKNOWN),
                _check("stream", "Change stream", self._ask_stream, UNKNOWN),
                _check("relay", "Relay", self._ask_relay, UNKNOWN),
            )
        )

    async def _ask_database(self) -> _Answer:
        began = time.perf_counter()
        async with self._database.app.connect() as connection:
            await connection.execute(text("SELECT 1"))
        took = (time.perf_counter() - began) * 1_000
        return (DEGRADED if took > _SLOW_MS else OK), f"answered in {took:.0f} ms"

    async def _ask_engine(self) -> _Answer:
        if await self._workflows.ready():
            return OK, "answers"
        return FAILED, "does not answer; what is approved waits and is lost by nobody"

    async def _ask_workers(self) -> _Answer:
        found = await self._workflows.pollers()
        if found is None:
            return UNKNOWN, "the workflow engine does not answer"
        missing = sorted(queue for queue, workers in found.items() if not workers)
        if missing:
            return FAILED, f"nobody works on {', '.join(missing)}"
        return OK, f"at work on {', '.join(sorted(found))}"

    async def _ask_stream(self) -> _Answer:
        if self._hub.is_listening:
            return OK, "listens"
        return FAILED, "the listening connection is lost; it is opened again"

    async def _ask_relay(self) -> _Answer:
        async with system(self._database) as session:
            oldest = await oldest_waiting(session)
        if oldest is None:
            return OK, "nothing waits"
        late = now() - oldest
        state = FAILED if late > _LOST else DEGRADED if late > _LATE else OK
        return state, f"the oldest wake-up waits for {late.total_seconds():.0f} s"


async def _check(
    name: str, label: str, ask: Callable[[], Awaitable[_Answer]], without_answer: str
) -> Check:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            state, detail = await ask()
    except TimeoutError:
        state, detail = without_answer, f"no answer within {PATIENCE_SECONDS:g} s"
    except (OSError, SQLAlchemyError):
        state, detail = without_answer, "cannot be reached"
    return Check(id=name, label=label, state=state, detail=detail, checked_at=now())


async def connection_checks(session: AsyncSession) -> list[Check]:
    """The connections of the session's organization."""
    checks = []
    for one in await standings(session):
        state, detail = _connection(one)
        name = f"connection:{one.id}"
        checks.append(Check(id=name, label=one.name, state=state, detail=detail, checked_at=now()))
    return checks


def _connection(one: ConnectionStanding) -> _Answer:
    if one.failed:
        events = "event" if one.failed == 1 else "events"
        return DEGRADED, f"{one.failed} {events} could not be applied"
    if one.synced_at is None:
        return UNKNOWN, "was never read"
    return OK, f"last read at {one.synced_at:%Y-%m-%d %H:%M} UTC"
