"""The database as the application's own roles see it: read through outages, and a row held so that others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from tests.waiting import eventually

_AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg, when the server goes in the midst of a commit
)
_BIND = "SELECT set_config('app.org_id', $1, true)"


@dataclass(frozen=True)
class Hold:
    """A lock that somebody waits for sooner or later."""

    ledger: "Ledger"
    backend: int

    async def met(self) -> None:
        """Wait until somebody waits for it."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))"

        async def look() -> bool:
            return bool(await self.ledger.value(query, self.backend))

        await eventually(look, "somebody waits for the held row", seconds=40)


@dataclass(frozen=True)
class Ledger:
    """One organization's rows by ``app_rw``; its outbox by ``app_system``."""

    app: str
    system: str
    org_id: UUID

    async def rows(self, query: str, *values: object) -> list[asyncpg.Record]:
        """The rows, as soon as the database answers."""

        async def look() -> tuple[list[asyncpg.Record]] | None:
            try:
                return (await self._rows(self.app, query, values),)
            except _AWAY:
                return None

        return (await eventually(look, "the database answers", seconds=60))[0]

    async def value(self, query: str, *values: object) -> object:
        """The first column of the first row."""
        return (await self.rows(query, *values))[0][0]

    async def undelivered(self, *, unlocked: bool = False) -> int:
        """How many wake-ups the engine has not got; ``unlocked`` leaves out those that a relay is at."""
        query = "SELECT id FROM outbox WHERE org_id = $1 AND delivered_at IS NULL"
        lock = " FOR UPDATE SKIP LOCKED" if unlocked else ""
        return len(await self._rows(self.system, query + lock, (self.org_id,)))

    @asynccontextmanager
    async def hold(self, query: str, *values: object) -> AsyncIterator[Hold]:
        """Keep the lock that the query takes until the block ends."""
        connection = await asyncpg.connect(self.app)
        try:
            await connection.execute("BEGIN")
            await connection.execute(_BIND, str(self.org_id))
            assert await connection.fetch(query, *values), "there is no such row"
            yield Hold(self, connection.get_server_pid())
        finally:
            connection.terminate()

    async def _rows(self, dsn: str, query: str, values: tuple[object, ...]) -> list[asyncpg.Record]:
        async with asyncio.timeout(5):
            connection = await asyncpg.connect(dsn)
        try:
            async with connection.transaction():
                await connection.execute(_BIND, str(self.org_id))
                found: list[asyncpg.Record] = await connection.fetch(query, *values)
                return found
        finally:
            connection.terminate()
