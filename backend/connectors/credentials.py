"""Installs connections with their secret sealed. A secret is never logged, returned or audited."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from backend.connectors.models import Connection
from backend.connectors.registry import credential_purpose
from backend.connectors.usage import CONNECTION_COUNT
from backend.core.clock import now
from backend.core.crypto import Keys
from backend.core.ids import ConnectionId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.quotas import require_room
from tenancy.tiers import Quota


async def create_connection(
    session: AsyncSession, keys: Keys, *, vendor: str, name: str, secret: bytes
) -> ConnectionId:
    """Add a connection to the session's organization; only its own id can open the secret again.

    Raises :class:`QuotaExceededError` when the tier has no room for it.
    """
    await require_room(session, Quota.CONNECTIONS, CONNECTION_COUNT)
    connection = Connection(
        org_id=await session.scalar(select(func.app_org(type_=Uuid))),
        id=new_uuid(),
        vendor=vendor,
        name=name,
        created_at=now(),
    )
    connection.credentials = keys.seal(credential_purpose(connection), secret)
    session.add(connection)
    await session.flush()
    details = {"vendor": vendor, "name": name}
    record(session, Change(connection.id, audit=AuditAction.CONNECTION_CREATED, details=details))
    return ConnectionId(connection.id)
