"""Sessions of browsers: opened at log-in, moved to another organization, ended. Only the cookie's hash is kept."""

import functools
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import hash_token
from backend.core.db import Database
from backend.core.errors import UnauthenticatedError
from backend.core.ids import OrgId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, write_audit
from tenancy.context import Channel, TenantContext
from tenancy.devices import UNKNOWN_CLIENT, Client, touch, wants_touch
from tenancy.models.organization import Membership, WebSession
from tenancy.principals import Authenticated, Lease, members, principal_from
from tenancy.session import lookup, system

LIFETIME = timedelta(days=14)


async def open_session(
    database: Database,
    user_id: UserId,
    org_id: OrgId,
    *,
    replaces: str | None,
    request_id: str | None,
    act: AuditAction = AuditAction.USER_LOGGED_IN,
    client: Client = UNKNOWN_CLIENT,
) -> str:
    """A new session; returns its cookie. The browser's session until now (``replaces``) ends with it."""
    token, session_id = secrets.token_urlsafe(32), new_uuid()
    context = TenantContext(org_id, user_id, Channel.WEB, request_id)
    values = {
        "id": session_id,
        "token_hash": hash_token(token),
        "user_id": user_id,
        "org_id": org_id,
        "expires_at": now() + LIFETIME,
        "last_used_at": now(),
        **client.columns(),
    }
    async with system(database) as session:
        if replaces is not None:
            await _revoke(session, replaces)
        await session.execute(insert(WebSession), [values])
        await write_audit(session, context, [Change(session_id, audit=act)])
    return token


async def close_session(database: Database, token: str, request_id: str | None) -> None:
    """End the session with this cookie; does nothing when there is none."""
    async with system(database) as session:
        ended = await _revoke(session, token)
        if ended is not None:
            org_id, user_id = OrgId(ended.org_id), UserId(ended.user_id)
            context = TenantContext(org_id, user_id, Channel.WEB, request_id)
            logged_out = Change(ended.id, audit=AuditAction.USER_LOGGED_OUT)
            await write_audit(session, context, [logged_out])


async def authenticate_cookie(
    database: Database, token: str, request_id: str | None
) -> Authenticated:
    """Who holds this cookie, as a member of its organization now. Raises :class:`UnauthenticatedError`."""
    shown = {"token_hash": hash_token(token), "moment": now()}
    async with lookup(database) as connection:
        row = (await connection.execute(_holder(), shown)).one_or_none()
        if row is not None and wants_touch(row.last_used_at):
            await touch(connection, WebSession, WebSession.id == row.session_id)
    if row is None:
        raise UnauthenticatedError("this session has ended; log in again")
    principal = principal_from(row, Channel.WEB, request_id)
    lease = Lease(principal.user_id, principal.org_id, row.expires_at, session_id=row.session_id)
    return Authenticated(principal, lease)


@functools.cache
def _holder() -> Select[Any]:
    """The member whose session a cookie is. Composed once: it is asked with each request."""
    return (
        members()
        .add_columns(
            WebSession.id.label("session_id"), WebSession.expires_at, WebSession.last_used_at
        )
        .join(
            WebSession,
            and_(WebSession.org_id == Membership.org_id, WebSession.user_id == Membership.user_id),
        )
        .where(
            WebSession.token_hash == bindparam("token_hash"),
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > bindparam("moment"),
            WebSession.created_at >= Membership.created_at,
        )
    )


async def _revoke(session: AsyncSession, token: str) -> WebSession | None:
    return await session.scalar(
        update(WebSession)
        .where(WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(WebSession)
    )
