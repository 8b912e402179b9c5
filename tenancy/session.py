"""The only door to tenant tables: one transaction, bound to one organization, that writes its changes at the end.

A state change is announced with ``tenancy.changes.record`` inside the block; audit, outbox and events are written by
this module as the last statements before the commit, so that event numbers commit in order and without gaps.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from backend.core.db import Database
from tenancy.changes import write_changes
from tenancy.context import TenantContext

_BIND = "SELECT set_config('app.org_id', $1, true), set_config('app.user_id', $2, true)"
_TENANT = "tenant"
_SYSTEM = "system"


class NoTenantError(RuntimeError):
    """A transaction was begun on a session that is bound to no organization. Always a mistake of ours."""


@asynccontextmanager
async def tenant(database: Database, context: TenantContext) -> AsyncIterator[AsyncSession]:
    """One transaction of ``app_rw`` in which only this organization's rows exist. Commits unless it raises."""
    async with database.app_session() as session:
        session.sync_session.info[_TENANT] = context
        async with session.begin():
            yield session
            await session.flush()
            await write_changes(session, context)


@asynccontextmanager
async def system(database: Database) -> AsyncIterator[AsyncSession]:
    """One transaction of ``app_system``: log-in, token and webhook lookup, outbox relay. Nothing else."""
    async with database.system_session() as session:
        session.sync_session.info[_SYSTEM] = True
        async with session.begin():
            yield session


@asynccontextmanager
async def lookup(database: Database) -> AsyncIterator[AsyncConnection]:
    """Single statements of ``app_system``, each committed by itself: who is asking, with each request.

    A transaction around one statement would be two more ways to the database and back, and a session more work than it.
    """
    async with database.lookups.connect() as connection:
        yield connection


def context_of(session: AsyncSession) -> TenantContext:
    """The organization and person that a session is bound to. Raises :class:`NoTenantError` for a system session."""
    context: TenantContext | None = session.sync_session.info.get(_TENANT)
    if context is None:
        raise NoTenantError("this session is bound to no organization")
    return context


@event.listens_for(Session, "after_begin")
def _bind(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested or session.info.get(_SYSTEM):
        return
    context: TenantContext | None = session.info.get(_TENANT)
    if context is None:
        raise NoTenantError("open sessions with tenancy.session.tenant or tenancy.session.system")
    connection.exec_driver_sql(_BIND, (str(context.org_id), str(context.user_id or "")))
