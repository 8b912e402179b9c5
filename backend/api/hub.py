"""The change stream of one API process: one LISTEN connection, one reader per organization that somebody watches.

A changed row is loaded once and handed to every stream that may show it; a change costs no query per client.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import structlog

from backend.api.subscribers import Subscriber
from backend.api.watch import RETRY_SECONDS, TROUBLE, Watch
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.logging import describe
from tenancy.changes import CHANNEL
from tenancy.leases import ended

CHECK_SECONDS = 4.0
LISTENER = "countersign change stream"
"""The name of the listening connection in ``pg_stat_activity``."""

_PROBE_SECONDS = 15.0
_log = structlog.get_logger()


class Hub:
    """Streams join with :meth:`subscribe`. They are ended before the server stops: it waits for them."""

    def __init__(self, database: Database, listen_dsn: str) -> None:
        self._database = database
        self._dsn = listen_dsn
        self._watches: dict[OrgId, Watch] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._connection: asyncpg.Connection | None = None

    @property
    def is_listening(self) -> bool:
        """Whether a change would be heard at once."""
        return self._connection is not None and not self._connection.is_closed()

    def start(self) -> None:
        """Begin to listen; a database that is away is tried again."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="hub listens"),
            asyncio.create_task(self._check_leases(), name="hub checks leases"),
        ]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def end_streams(self) -> None:
        """End every stream, also those that are still to come."""
        self._stopping = True
        for watch in self._watches.values():
            watch.end_streams()

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self.end_streams()
        tasks = [*self._tasks, *(watch.task for watch in self._watches.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def subscribe(self, org_id: OrgId, subscriber: Subscriber) -> AsyncIterator[None]:
        """Hand the organization's events to the subscriber; what is read from the table now leaves no gap to them."""
        watch = self._watches.get(org_id)
        if watch is None or watch.task.done():
            watch = self._watches[org_id] = Watch(self._database, org_id)
        watch.subscribers.add(subscriber)
        if self._stopping:
            watch.end_streams()
        try:
            await watch.ready.wait()
            yield
        finally:
            watch.subscribers.discard(subscriber)
            if not watch.subscribers:
                self._forget(org_id, watch)

    def _forget(self, org_id: OrgId, watch: Watch) -> None:
        watch.task.cancel()
        if self._watches.get(org_id) is watch:
            del self._watches[org_id]

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except TROUBLE as error:
                _log.warning("api.events.listener_lost", error=describe(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_once(self) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(
            self._dsn, server_settings={"application_name": LISTENER}
        )
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._connection = connection
            for watch in self._watches.values():  # what was announced while nobody listened
                watch.poke()
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PROBE_SECONDS):
                        await lost.wait()
                        return
                await connection.execute("SELECT 1", timeout=5)
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        org_id, _, _ = str(payload).partition("|")
        if watch := self._watches.get(OrgId(UUID(org_id))):
            watch.poke()

    async def _check_leases(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            subscribers = [one for watch in self._watches.values() for one in watch.subscribers]
            if not subscribers:
                continue
            try:
                over = await ended(self._database, {one.lease for one in subscribers})
            except TROUBLE as error:
                _log.warning("api.events.leases_unchecked", error=describe(error))
                continue
            for subscriber in subscribers:
                if subscriber.lease in over:
                    subscriber.finish()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Without these tasks streams would look alive and hear nothing, or outlive their session."""
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("api.events.died", task=task.get_name(), exc_info=error)
            self.end_streams()
