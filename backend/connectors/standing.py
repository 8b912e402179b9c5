"""How the connections of the session's organization stand: when each was last read, and what of it went wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.models import Connection
from backend.connectors.webhook_models import InboundEvent


@dataclass(frozen=True, slots=True)
class ConnectionStanding:
    """One connection; ``failed`` events of it could not be applied."""

    id: UUID
    name: str
    synced_at: datetime | None
    failed: int


async def standings(session: AsyncSession) -> list[ConnectionStanding]:
    """All of them by name."""
    failed = (
        select(func.count())
        .where(InboundEvent.connection_id == Connection.id, InboundEvent.state == "failed")
        .scalar_subquery()
    )
    query = select(Connection.id, Connection.name, Connection.synced_at, failed)
    rows = await session.execute(query.order_by(Connection.name, Connection.id))
    return [ConnectionStanding(*row) for row in rows]
