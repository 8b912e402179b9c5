"""Acts on a person's account, which no single organization owns: each that they belong to keeps them in its audit."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.ids import OrgId, UserId
from tenancy.audit import AuditAction
from tenancy.changes import Change, write_audit
from tenancy.context import Channel, TenantContext
from tenancy.models.organization import Membership


@dataclass(frozen=True, slots=True)
class Doing:
    """By which way somebody acts on an account, from where, and in which request."""

    channel: Channel
    request_id: str | None
    address: str | None = None


async def audit_account(
    session: AsyncSession, user_id: UUID, doing: Doing, act: AuditAction, **details: object
) -> None:
    """Keep the act in every organization of the person, in the transaction (of the system) that does it."""
    belonging = (
        select(Membership.org_id).where(Membership.user_id == user_id).order_by(Membership.org_id)
    )
    change = Change(user_id, audit=act, details={"address": doing.address, **details})
    for org_id in await session.scalars(belonging):
        context = TenantContext(OrgId(org_id), UserId(user_id), doing.channel, doing.request_id)
        await write_audit(session, context, [change])
