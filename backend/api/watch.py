"""Reads one organization's events in order, for as long as somebody listens, and offers them to every stream."""

import asyncio

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.api import feed
from backend.api.subscribers import Subscriber
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.logging import describe

RETRY_SECONDS = 0.5
TROUBLE = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What the database being away looks like: it is tried again."""

_log = structlog.get_logger()


class Watch:
    """``ready`` says that everything after this moment will be offered, as long as ``task`` is not done."""

    def __init__(self, database: Database, org_id: OrgId) -> None:
        self.subscribers: set[Subscriber] = set()
        self.ready = asyncio.Event()
        self._database = database
        self._org_id = org_id
        self._more = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"watch {org_id}")
        self.task.add_done_callback(self._ended)

    def poke(self) -> None:
        """Look at the table again."""
        self._more.set()

    def end_streams(self) -> None:
        """End the streams: their clients come back with the number of what they heard last."""
        self.ready.set()
        for subscriber in self.subscribers:
            subscriber.finish()

    async def _run(self) -> None:
        position: int | None = None
        while True:
            try:
                if position is None:
                    position = (await feed.span(self._database, self._org_id)).last
                    self.ready.set()
                await self._more.wait()
                self._more.clear()
                position = await self._deliver(position)
            except TROUBLE as error:
                _log.warning("api.events.unreadable", error=describe(error))
                self._more.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _deliver(self, position: int) -> int:
        while batch := await feed.after(self._database, self._org_id, position):
            for seen in batch:
                for subscriber in tuple(self.subscribers):
                    subscriber.offer(seen)
            position = batch[-1].seq
        return position

    def _ended(self, task: asyncio.Task[None]) -> None:
        """One that dies of a mistake must not leave streams that look alive and hear nothing."""
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("api.events.died", org_id=str(self._org_id), exc_info=error)
            self.end_streams()
