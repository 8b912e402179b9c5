"""What models have cost since a moment, by playbook, within somebody's reach."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.runs.budget_models import ModelCall
from backend.runs.budget_reading import SUMS, Spend
from backend.runs.models import RunRow
from backend.runs.repository import within
from tenancy.permissions import Reach


async def spending_since(session: AsyncSession, reach: Reach, since: datetime) -> dict[UUID, Spend]:
    """The spend of calls that were begun since then. Offline rules call nobody and are in no playbook's."""
    query = (
        select(ModelCall.playbook_id, *SUMS)
        .join(RunRow, and_(RunRow.org_id == ModelCall.org_id, RunRow.id == ModelCall.run_id))
        .where(ModelCall.reserved_at >= since, within(reach))
        .group_by(ModelCall.playbook_id)
    )
    rows = await session.execute(query)
    return {playbook_id: Spend(*map(int, sums)) for playbook_id, *sums in rows}


def total_of(spends: Mapping[UUID, Spend]) -> Spend:
    """All of them together."""
    return Spend(
        input_tokens=sum(one.input_tokens for one in spends.values()),
        output_tokens=sum(one.output_tokens for one in spends.values()),
        calls=sum(one.calls for one in spends.values()),
        micro_usd=sum(one.micro_usd for one in spends.values()),
        unpriced_calls=sum(one.unpriced_calls for one in spends.values()),
    )
