"""What activities and tools work with, opened once per worker process and bound around each activity."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.registry import Connectors
from backend.core import cause
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.settings import Settings
from tenancy.context import Channel, TenantContext
from tenancy.session import tenant


@dataclass(frozen=True, slots=True)
class Resources:
    """The worker's database, connectors and settings."""

    settings: Settings
    database: Database
    connectors: Connectors


_CURRENT: ContextVar[Resources] = ContextVar("resources")


@contextmanager
def bound(resources: Resources) -> Iterator[None]:
    """Make the resources current for the block."""
    token = _CURRENT.set(resources)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Resources:
    """The resources of the running activity. Raises ``LookupError`` outside of one."""
    return _CURRENT.get()


def context_of(org_id: OrgId) -> TenantContext:
    """Transactions of the run itself: no person, the organization's rows; the request that caused it is kept."""
    return TenantContext(org_id, channel=Channel.SYSTEM, request_id=cause.current().request_id)


@asynccontextmanager
async def transaction(org_id: OrgId) -> AsyncIterator[AsyncSession]:
    """One transaction in the organization of the running activity."""
    async with tenant(current().database, context_of(org_id)) as session:
        yield session
