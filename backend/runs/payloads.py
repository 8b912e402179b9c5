"""Keeps what is too large for the workflow engine's histories: bytes that were encrypted before they came here."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import new_uuid
from backend.runs.payload_models import StoredPayload
from tenancy.session import context_of


async def keep(session: AsyncSession, payloads: Sequence[bytes]) -> list[UUID]:
    """Write them; their ids in the same order."""
    org_id = context_of(session).org_id
    ids = [new_uuid() for _ in payloads]
    rows = [
        {"org_id": org_id, "id": one, "data": data} for one, data in zip(ids, payloads, strict=True)
    ]
    await session.execute(insert(StoredPayload), rows)
    return ids


async def kept(session: AsyncSession, payload_id: UUID) -> bytes:
    """Read one. Raises ``LookupError`` when the organization has no such payload."""
    query = select(StoredPayload.data).where(StoredPayload.id == payload_id)
    data = await session.scalar(query)
    if data is None:
        raise LookupError(f"there is no payload {payload_id}")
    return data
