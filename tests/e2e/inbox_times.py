"""Moves the time until which a proposal is to be decided, as waiting for days would."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.core.db import connect
from backend.proposals.models import ProposalTable
from tenancy.context import TenantContext
from tenancy.lookup import organization_by_slug
from tenancy.session import tenant
from tests.stack import Stack


@contextmanager
def due(stack: Stack, proposal: str, at: datetime) -> Iterator[None]:
    """While it lasts, a proposal of the first organization is due at another time."""
    before = _apart(stack, proposal, at)
    try:
        yield
    finally:
        _apart(stack, proposal, before)


def _apart(stack: Stack, proposal: str, at: datetime | None) -> datetime | None:
    """Away from this thread, on which the browser's own loop runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _move(stack, UUID(proposal), at)).result()


async def _move(stack: Stack, proposal: UUID, at: datetime | None) -> datetime | None:
    database = connect(stack.settings.database, pool_size=1)
    try:
        org_id = await organization_by_slug(database, stack.demo.users[0].organization)
        assert org_id is not None
        async with tenant(database, TenantContext(org_id)) as session:
            own = ProposalTable.id == proposal
            before = await session.scalar(select(ProposalTable.due_at).where(own))
            await session.execute(update(ProposalTable).where(own).values(due_at=at))
            return before
    finally:
        await database.close()
