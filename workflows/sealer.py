"""Keeps the audit's chain close behind its events. Runs inside the worker process, beside the relay.

It asks the database a few times a second: a notification per event would put the commits of all writers in a line.
"""

import asyncio
import time
from typing import NoReturn

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.crypto import AuditKeys
from backend.core.logging import describe
from tenancy.auditing.sealing import BATCH, checkpoint, seal

IDLE_SECONDS = 0.2
CHECKPOINT_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
_PASSING = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError)
_log = structlog.get_logger()


class Sealer:
    """One per worker process; the database lets one of them work at a time."""

    def __init__(self, engine: AsyncEngine, keys: AuditKeys) -> None:
        self._engine = engine
        self._keys = keys
        self._next_checkpoint = 0.0

    async def run(self) -> NoReturn:
        """Seal until cancelled. While the database is away it tries again, more and more rarely."""
        pause = IDLE_SECONDS
        while True:
            try:
                while await seal(self._engine, self._keys) == BATCH:
                    pass
                await self._checkpoint()
                pause = IDLE_SECONDS
            except _PASSING as error:
                pause = min(pause * 2, _LONGEST_PAUSE)
                _log.warning("sealer.interrupted", error=describe(error), again_in=pause)
            await asyncio.sleep(pause)

    async def _checkpoint(self) -> None:
        """What is logged here and kept elsewhere proves the log up to there, whatever becomes of the database."""
        if time.monotonic() < self._next_checkpoint:
            return
        for made in await checkpoint(self._engine, self._keys):
            _log.info(
                "audit.checkpoint.signed", org_id=str(made.org_id), size=made.size, root=made.root
            )
        self._next_checkpoint = time.monotonic() + CHECKPOINT_SECONDS
