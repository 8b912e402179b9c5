"""Reads what the audit tells about one object, oldest first, for people who may see the object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import UserId
from tenancy.audit import AuditAction
from tenancy.models.change import AuditEvent
from tenancy.models.organization import UserAccount


@dataclass(frozen=True, slots=True)
class Act:
    """One act. Without an actor the system did it; without a name the person has left the organization."""

    at: datetime
    action: AuditAction
    actor_id: UserId | None
    actor_name: str | None
    details: Mapping[str, Any]


async def history_of(session: AsyncSession, subject_id: UUID) -> Sequence[Act]:
    """Every audited act on the object."""
    query = (
        select(AuditEvent, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == AuditEvent.actor_id)
        .where(AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    return [
        Act(
            at=row.at,
            action=AuditAction(row.action),
            actor_id=UserId(row.actor_id) if row.actor_id else None,
            actor_name=name,
            details=row.details,
        )
        for row, name in await session.execute(query)
    ]
