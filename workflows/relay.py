"""Delivers the outbox: what was committed but has not reached the workflow engine, at least once.

Woken by the database at a commit and every two seconds in any case. Runs inside the worker process.
"""

import asyncio
from typing import NoReturn
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from backend.core import cause
from backend.core.cause import Cause
from backend.core.db import Database
from backend.core.ids import ConnectionId, OrgId, PlaybookId, RunId
from backend.core.logging import describe
from backend.core.settings import DatabaseSettings
from tenancy.changes import OUTBOX_CHANNEL, WakeKind
from tenancy.models.change import Outbox
from tenancy.outbox import mark_delivered, mark_failed, take_due
from tenancy.session import system
from workflows.client import (
    CALL_SECONDS,
    apply_events,
    end_run,
    start_playbook_run,
    start_undo_run,
    wake_run,
)
from workflows.schedules import apply_schedule

SWEEP_SECONDS = 2.0
_LONGEST_PAUSE = 30.0
_BATCH = 50
_AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
    }
)
_log = structlog.get_logger()


class EngineAwayError(RuntimeError):
    """The workflow engine does not answer; the wake-ups are not to blame."""


_PASSING = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    SQLAlchemyError,
    EngineAwayError,
)


class Relay:
    """One per worker process; several share the rows by skipping each other's locks."""

    def __init__(self, settings: DatabaseSettings, database: Database, client: Client) -> None:
        self._dsn = settings.system
        self._database = database
        self._client = client
        self._listener: asyncpg.Connection | None = None
        self._notified = asyncio.Event()

    async def run(self) -> NoReturn:
        """Sweep until cancelled. While a part is away it tries again, more and more rarely."""
        pause = SWEEP_SECONDS
        try:
            while True:
                self._notified.clear()
                try:
                    await self._listen()
                    while await self.sweep() == _BATCH:
                        pass
                    pause = SWEEP_SECONDS
                except _PASSING as error:
                    _log.warning("relay.interrupted", error=describe(error), again_in=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                    continue
                await self._wait()
        finally:
            if self._listener is not None:
                self._listener.terminate()

    async def sweep(self) -> int:
        """Deliver what is due, oldest first; says how many were looked at.

        The rows stay locked meanwhile, so that two relays do not deliver the same; each call is bounded, and the
        first sign that the engine is away ends the sweep.
        """
        async with system(self._database) as session:
            rows = await take_due(session, _BATCH)
            for row in rows:
                try:
                    await self._deliver(row)
                except RPCError as error:
                    if error.status in _AWAY:
                        break
                    _log.exception("relay.refused", outbox_id=str(row.id), kind=row.kind)
                    mark_failed(row)
                except TimeoutError:
                    break
                else:
                    mark_delivered(row)
            else:
                return len(rows)
        raise EngineAwayError("the workflow engine does not answer")

    async def _deliver(self, row: Outbox) -> None:
        with cause.bound(Cause(row.request_id, row.traceparent)):
            async with asyncio.timeout(CALL_SECONDS):
                await self._call(WakeKind(row.kind), OrgId(row.org_id), row.subject_id)

    async def _call(self, kind: WakeKind, org_id: OrgId, subject_id: UUID) -> None:
        run_id = RunId(subject_id)
        match kind:
            case WakeKind.START_PLAYBOOK_RUN:
                await start_playbook_run(self._client, org_id, run_id)
            case WakeKind.START_UNDO_RUN:
                await start_undo_run(self._client, org_id, run_id)
            case WakeKind.WAKE_RUN:
                await wake_run(self._client, org_id, run_id)
            case WakeKind.CANCEL_RUN:
                await end_run(self._client, org_id, run_id, at_once=False)
            case WakeKind.TERMINATE_RUN:
                await end_run(self._client, org_id, run_id, at_once=True)
            case WakeKind.APPLY_SCHEDULE:
                playbook_id = PlaybookId(subject_id)
                await apply_schedule(self._client, self._database, org_id, playbook_id)
            case WakeKind.APPLY_EVENTS:
                await apply_events(self._client, org_id, ConnectionId(subject_id))

    @property
    def is_listening(self) -> bool:
        """Whether a commit would wake it at once."""
        return self._listener is not None and not self._listener.is_closed()

    async def _listen(self) -> None:
        if self.is_listening:
            return
        listener = await asyncpg.connect(self._dsn)
        await listener.add_listener(OUTBOX_CHANNEL, lambda *_: self._notified.set())
        self._listener = listener

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._notified.wait()
        except TimeoutError:
            return
