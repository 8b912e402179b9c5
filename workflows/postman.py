"""Takes the mail that waits to the mail server. Runs inside the worker process, where settings name a server."""

import asyncio
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.core.crypto import Keys
from backend.core.db import Database
from backend.core.logging import describe
from backend.core.mail import Mailer
from tenancy.mail import deliver_due

PAUSE_SECONDS = 2.0
_log = structlog.get_logger()


async def deliver(database: Database, keys: Keys, mailer: Mailer) -> NoReturn:
    """Look every two seconds until cancelled; several processes share the mails."""
    while True:
        try:
            for why in await deliver_due(database, keys, mailer):
                _log.warning("mail.refused", why=why)
        except (OSError, SQLAlchemyError) as error:
            _log.warning("mail.interrupted", error=describe(error))
        await asyncio.sleep(PAUSE_SECONDS)
