"""What an organization's connections take up of its tier."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.models import Connection, CustomerRecord, InvoiceRecord
from tenancy.tiers import Quota

CONNECTION_COUNT = select(func.count()).select_from(Connection)
_VENDOR_COUNT = select(func.count(Connection.vendor.distinct()))
_KEPT = [
    select(func.coalesce(func.sum(func.pg_column_size(table.raw)), 0))
    for table in (CustomerRecord, InvoiceRecord)
]


async def used(session: AsyncSession) -> Mapping[Quota, int]:
    """Connections, the connectors they are of, and the bytes that the database keeps of their records (compressed)."""
    return {
        Quota.CONNECTIONS: await session.scalar(CONNECTION_COUNT) or 0,
        Quota.CONNECTORS: await session.scalar(_VENDOR_COUNT) or 0,
        Quota.DATA: sum([int(await session.scalar(kept) or 0) for kept in _KEPT]),
    }
