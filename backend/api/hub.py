"""The change stream of one API process: one LISTEN connection, one reader per organization that somebody watches.

A changed row is loaded once and handed to every stream that may show it; a change costs no query per client.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.api import feed
from backend.api.subscribers import Subscriber
from backend.core.db import Database
from backend.core.ids import OrgId
from tenancy.changes import CHANNEL
from tenancy.leases import ended

CHECK_SECONDS = 4.0
_RETRY_SECONDS = 0.5
_PROBE_SECONDS = 15.0
_TROUBLE = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
_log = structlog.get_logger()


class _Watch:
    """Reads an organization's events in order while somebody listens. ``poke`` says that there may be more."""

    def __init__(self, database: Database, org_id: OrgId) -> None:
        self.subscribers: set[Subscriber] = set()
        self.ready = asyncio.Event()
        self._database = database
        self._org_id = org_id
        self._more = asyncio.Event()

    def poke(self) -> None:
        self._more.set()

    async def run(self) -> None:
        position: int | None = None
        while True:
            try:
                if position is None:
                    position = (await feed.span(self._database, self._org_id)).last
                    self.ready.set()
                await self._more.wait()
                self._more.clear()
                position = await self._deliver(position)
            except _TROUBLE as error:
                _log.warning("api.events.unreadable", error=str(error))
                self._more.set()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _deliver(self, position: int) -> int:
        while batch := await feed.after(self._database, self._org_id, position):
            for seen in batch:
                for subscriber in tuple(self.subscribers):
                    subscriber.offer(seen)
            position = batch[-1].seq
        return position


class Hub:
    """Streams join with :meth:`subscribe`. They are ended before the server stops: it waits for them."""

    def __init__(self, database: Database, listen_dsn: str) -> None:
        self._database = database
        self._dsn = listen_dsn
        self._watches: dict[OrgId, tuple[_Watch, asyncio.Task[None]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to listen; a database that is away is tried again."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="hub listens"),
            asyncio.create_task(self._check_leases(), name="hub checks leases"),
        ]

    def end_streams(self) -> None:
        """End every stream, also those that are still to come."""
        self._stopping = True
        for subscriber in self._subscribers():
            subscriber.finish()
        for watch, _ in self._watches.values():
            watch.ready.set()

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self.end_streams()
        tasks = [*self._tasks, *(task for _, task in self._watches.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def subscribe(self, org_id: OrgId, subscriber: Subscriber) -> AsyncIterator[None]:
        """Hand the organization's events to the subscriber; what is read from the table now leaves no gap to them."""
        watch, _ = self._watches.get(org_id) or self._watch(org_id)
        watch.subscribers.add(subscriber)
        if self._stopping:
            self.end_streams()
        try:
            await watch.ready.wait()
            yield
        finally:
            watch.subscribers.discard(subscriber)
            if not watch.subscribers and org_id in self._watches:
                self._watches.pop(org_id)[1].cancel()

    def _watch(self, org_id: OrgId) -> tuple[_Watch, asyncio.Task[None]]:
        watch = _Watch(self._database, org_id)
        task = asyncio.create_task(watch.run(), name=f"hub watches {org_id}")
        self._watches[org_id] = (watch, task)
        return self._watches[org_id]

    def _subscribers(self) -> list[Subscriber]:
        return [one for watch, _ in self._watches.values() for one in watch.subscribers]

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except _TROUBLE as error:
                _log.warning("api.events.listener_lost", error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def _listen_once(self) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(self._dsn)
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            for watch, _ in self._watches.values():
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
        if found := self._watches.get(OrgId(UUID(org_id))):
            found[0].poke()

    async def _check_leases(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            subscribers = self._subscribers()
            if not subscribers:
                continue
            try:
                over = await ended(self._database, {one.lease for one in subscribers})
            except _TROUBLE as error:
                _log.warning("api.events.leases_unchecked", error=str(error))
                continue
            for subscriber in subscribers:
                if subscriber.lease in over:
                    subscriber.finish()
