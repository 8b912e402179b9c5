"""Knows which requests at an outside system were ours, by the keys under which effects are sent."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.proposals.models import EffectTable


async def is_ours(session: AsyncSession, key: str | None) -> bool:
    """Whether a request with this idempotency key was an effect of the session's organization."""
    try:
        effect_id = UUID(key or "")
    except ValueError:
        return False
    return (
        await session.scalar(select(EffectTable.id).where(EffectTable.id == effect_id)) is not None
    )
