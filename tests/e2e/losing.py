"""Makes the outcome of an approved effect unknown, as the last of twelve lost answers would, but at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from backend.connectors.installed import install
from backend.core.clock import now
from backend.core.db import connect
from backend.core.ids import OrgId, ProposalId
from backend.core.settings import Settings
from backend.proposals import effects
from backend.proposals.models import ProposalTable
from tenancy.context import TenantContext
from tenancy.session import tenant
from tests.stack import Stack


def lose_sight(stack: Stack, organization: str, proposal: str) -> None:
    """Claim the effect before its hold is over and give up knowing; nothing has been sent."""
    lost = _lose_sight(stack.settings, OrgId(UUID(organization)), ProposalId(UUID(proposal)))
    with ThreadPoolExecutor(1) as thread:  # the browser's own loop runs in this one
        thread.submit(asyncio.run, lost).result()


async def _lose_sight(settings: Settings, org_id: OrgId, proposal_id: ProposalId) -> None:
    database, context = connect(settings.database, pool_size=2), TenantContext(org_id)
    try:
        async with tenant(database, context) as session:
            held = update(ProposalTable).where(ProposalTable.id == proposal_id)
            await session.execute(held.values(dispatch_after=now() - timedelta(seconds=1)))
        await effects.claim(database, install(settings), context, proposal_id)
        await effects.lose_sight(database, context, proposal_id, "no answer after 12 attempts")
    finally:
        await database.close()
