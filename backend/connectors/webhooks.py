"""Takes in what vendors send by webhook: proves it, keeps it once, asks for its application. Calls nobody outside."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import repository
from backend.connectors.registry import Connectors
from backend.connectors.repository import ConnectionNotFoundError
from backend.connectors.webhook_models import (
    BODY_PURPOSE,
    SECRETS_PURPOSE,
    InboundEvent,
    WebhookSecrets,
)
from backend.core.clock import now
from backend.core.crypto import Keys
from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import ConnectionId, OrgId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, WakeKind, Wakeup, record
from tenancy.context import Principal, TenantContext
from tenancy.permissions import Right, authorize
from tenancy.session import context_of, system, tenant

MOST_SECRETS = 2
_SHORTEST, _LONGEST = 16, 255


async def set_secrets(
    session: AsyncSession,
    principal: Principal,
    keys: Keys,
    connection_id: ConnectionId,
    secrets: Sequence[str],
) -> None:
    """Replace the signing secrets: two while one takes over from the other, none to take nothing in any more.

    Needs ``connectors:update`` over the organization, whose a connection is.
    """
    await require_connection(session, principal, Right.CONNECTORS_UPDATE, connection_id)
    await keep_secrets(session, keys, connection_id, secrets)


async def keep_secrets(
    session: AsyncSession, keys: Keys, connection_id: ConnectionId, secrets: Sequence[str]
) -> None:
    """As :func:`set_secrets`, for the set-up of an installation, which asks nobody."""
    if len(secrets) > MOST_SECRETS:
        raise InvalidInputError(f"at most {MOST_SECRETS} secrets are live", field="secrets")
    if not all(_SHORTEST <= len(one) <= _LONGEST and one.isascii() for one in secrets):
        message = f"a signing secret has {_SHORTEST} to {_LONGEST} ASCII characters"
        raise InvalidInputError(message, field="secrets")
    org_id = context_of(session).org_id
    sealed = keys.seal(_purpose(org_id, connection_id), msgspec.json.encode(list(secrets)))
    values = {"sealed": sealed, "changed_at": now()}
    await session.execute(
        insert(WebhookSecrets)
        .values(org_id=org_id, connection_id=connection_id, **values)
        .on_conflict_do_update(index_elements=["org_id", "connection_id"], set_=values)
    )
    details = {"secrets": len(secrets)}
    record(session, Change(connection_id, audit=AuditAction.WEBHOOK_SECRETS_SET, details=details))


async def has_secrets(session: AsyncSession, connection_id: ConnectionId) -> bool:
    """Whether the connection was ever given secrets."""
    query = select(func.count()).where(WebhookSecrets.connection_id == connection_id)
    return bool(await session.scalar(query))


async def receive(
    database: Database,
    connectors: Connectors,
    vendor: str,
    connection_id: ConnectionId,
    *,
    headers: Mapping[str, str],
    body: bytes,
) -> OrgId:
    """Keep a delivery, once however often it comes; whose it was. Committed when it returns.

    Raises :class:`ConnectionNotFoundError` for a connection that takes nothing in, and
    :class:`backend.connectors.hooks.WebhookRefusedError` for what is not provably the vendor's.
    """
    org_id, secrets = await _secrets(database, connectors.keys, connection_id)
    hook = connectors.hooks[vendor]
    hook.verify(body, headers.get(hook.signature_header), secrets, now())
    notice = hook.read(body)
    async with tenant(database, TenantContext(org_id)) as session:
        connection = await repository.connection(session, connection_id)
        if connection.vendor != vendor:
            raise _unknown()
        kept = await session.scalar(
            insert(InboundEvent)
            .values(
                org_id=org_id,
                id=new_uuid(),
                connection_id=connection_id,
                source_event_id=notice.event_id,
                kind=notice.kind,
                occurred_at=notice.occurred_at,
                body=connectors.keys.seal(body_purpose(org_id, connection_id), body),
                state="waiting" if notice.touched else "ignored",
            )
            .on_conflict_do_nothing(index_elements=["org_id", "connection_id", "source_event_id"])
            .returning(InboundEvent.id)
        )
        if kept is not None and notice.touched:
            wake = Wakeup(WakeKind.APPLY_EVENTS, connection_id)
            record(session, Change(connection_id, wake=wake))
    return org_id


async def require_connection(
    session: AsyncSession, principal: Principal, right: Right, connection_id: ConnectionId
) -> None:
    """Raise :class:`ConnectionNotFoundError` unless the right covers the connection, which is of the whole house."""
    if not authorize(principal, right).everything:
        raise ConnectionNotFoundError("there is no such connection in this organization")
    await repository.connection(session, connection_id)


def body_purpose(org_id: OrgId, connection_id: ConnectionId) -> str:
    """What the kept bodies of a connection are sealed for."""
    return BODY_PURPOSE.format(org_id=org_id, connection_id=connection_id)


async def _secrets(
    database: Database, keys: Keys, connection_id: ConnectionId
) -> tuple[OrgId, list[bytes]]:
    async with system(database) as session:
        row = await session.scalar(
            select(WebhookSecrets).where(WebhookSecrets.connection_id == connection_id)
        )
    if row is None:
        raise _unknown()
    org_id = OrgId(row.org_id)
    opened = keys.open(_purpose(org_id, connection_id), row.sealed)
    found = [one.encode() for one in msgspec.json.decode(opened, type=list[str])]
    if not found:
        raise _unknown()
    return org_id, found


def _purpose(org_id: OrgId, connection_id: ConnectionId) -> str:
    return SECRETS_PURPOSE.format(org_id=org_id, connection_id=connection_id)


def _unknown() -> ConnectionNotFoundError:
    return ConnectionNotFoundError("there is nothing at this address")
