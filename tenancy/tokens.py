"""Tokens for programs: short access tokens (JWT) and refresh tokens that are spent by their use, in families."""

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey
from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import Keys, UnknownKeyError, hash_token
from backend.core.db import Database
from backend.core.errors import UnauthenticatedError
from backend.core.ids import OrgId, UserId, new_uuid
from backend.core.settings import ACCESS_SECONDS
from tenancy.audit import AuditAction
from tenancy.changes import Change, write_audit
from tenancy.context import Channel, TenantContext
from tenancy.devices import UNKNOWN_CLIENT, Client, touch, wants_touch
from tenancy.models.organization import Membership, Organization, RefreshToken
from tenancy.organizations import OrganizationNotFoundError
from tenancy.principals import Authenticated, Lease, NotAMemberError, members, principal_from
from tenancy.session import lookup, system

ACCESS_LIFETIME = timedelta(seconds=ACCESS_SECONDS)
REFRESH_LIFETIME = timedelta(days=30)
_ISSUER = "countersign"
_AUDIENCE = "countersign-api"
_ALGORITHM = "HS256"
_MALFORMED = (ValueError, TypeError, AttributeError, RecursionError)
_CLAIMS = jwt.JWTClaimsRegistry(
    sub={"essential": True},
    org={"essential": True},
    fid={"essential": True},
    exp={"essential": True},
    aud={"essential": True, "value": _AUDIENCE},
    iss={"essential": True, "value": _ISSUER},
)


class TokenReusedError(UnauthenticatedError):
    """A refresh token came twice: it may be stolen, so all tokens of its family are dead."""

    code = "token_reused"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A fresh pair; ``expires_in`` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int


async def issue_tokens(
    database: Database,
    keys: Keys,
    user_id: UserId,
    org_id: OrgId,
    request_id: str | None,
    *,
    lifetime: timedelta = ACCESS_LIFETIME,
    client: Client = UNKNOWN_CLIENT,
) -> Tokens:
    """The first pair of a new family; its access token lives for ``lifetime``."""
    family_id = new_uuid()
    async with system(database) as session:
        refresh = await _add(session, family_id, user_id, org_id, client)
        context = TenantContext(org_id, user_id, Channel.REST, request_id)
        await write_audit(session, context, [Change(family_id, audit=AuditAction.TOKEN_ISSUED)])
    lease = Lease(user_id, org_id, now() + lifetime, family_id=family_id)
    return _pair(keys, lease, refresh)


async def refresh_tokens(
    database: Database,
    keys: Keys,
    token: str,
    request_id: str | None,
    *,
    organization: str | None = None,
    lifetime: timedelta = ACCESS_LIFETIME,
) -> Tokens:
    """The next pair; the token is spent. Raises :class:`UnauthenticatedError`.

    With an ``organization`` (slug) the person goes on there: their family here ends, and another one begins. Raises
    :class:`OrganizationNotFoundError` when they do not belong to it.

    One that was spent before this request began ends its family (:class:`TokenReusedError`). Of two requests at the
    same time one wins and the other is only refused.
    """
    query = select(RefreshToken, func.transaction_timestamp()).where(
        RefreshToken.token_hash == hash_token(token)
    )
    async with system(database) as session:
        found = (await session.execute(query.with_for_update(of=RefreshToken))).first()
        if found is None or found[0].revoked_at or found[0].expires_at <= now():
            raise UnauthenticatedError("this refresh token is not valid; log in again")
        known, began = found
        context = TenantContext(
            OrgId(known.org_id), UserId(known.user_id), Channel.REST, request_id
        )
        if known.spent_at is None:
            org_id, family_id = context.org_id, known.family_id
            if organization is not None:
                org_id, family_id = await _elsewhere(session, known, organization), new_uuid()
            refresh = await _rotate(session, known, context, org_id, family_id)
            lease = Lease(UserId(known.user_id), org_id, now() + lifetime, family_id=family_id)
            return _pair(keys, lease, refresh)
        if began > known.spent_at:
            await _end_family(session, known.family_id)
            reused = Change(known.family_id, audit=AuditAction.TOKEN_REUSED)
            await write_audit(session, context, [reused])
    raise TokenReusedError("this refresh token was used before; log in again")


async def authenticate_access(
    database: Database, keys: Keys, token: str, request_id: str | None
) -> Authenticated:
    """Who holds this access token, as a member now. Raises :class:`UnauthenticatedError`."""
    lease = _read(keys, token)
    named = {"user": lease.user_id, "org": lease.org_id, "family": lease.family_id}
    async with lookup(database) as connection:
        row = (await connection.execute(_holder(), named)).one_or_none()
        if row is not None and wants_touch(row.used_at):
            newest = RefreshToken.spent_at.is_(None)
            await touch(connection, RefreshToken, RefreshToken.family_id == lease.family_id, newest)
    if row is None:
        raise UnauthenticatedError("this access token is no longer valid; log in again")
    return Authenticated(principal_from(row, Channel.REST, request_id), lease)


@functools.cache
def _holder() -> Select[Any]:
    """The member whom an access token names, while its family lives. Composed once: it is asked with each request."""
    family = RefreshToken.family_id == bindparam("family")
    dead = exists().where(family, RefreshToken.revoked_at.is_not(None))
    since = exists().where(family, RefreshToken.issued_at >= Membership.created_at)
    used = select(func.max(RefreshToken.last_used_at)).where(family).scalar_subquery()
    user, org = Membership.user_id == bindparam("user"), Membership.org_id == bindparam("org")
    return members().where(user, org, ~dead, since).add_columns(used.label("used_at"))


async def _rotate(
    session: AsyncSession,
    known: RefreshToken,
    context: TenantContext,
    org_id: OrgId,
    family_id: UUID,
) -> str:
    """Spend the token for the next one of its family, or the first of another in another organization."""
    user_id = UserId(known.user_id)
    still = _member(user_id, context.org_id, Membership.created_at <= known.issued_at)
    if (await session.execute(still)).one_or_none() is None:
        raise NotAMemberError("this person does not belong to the organization any more")
    known.spent_at = await session.scalar(select(func.clock_timestamp()))
    client = Client(known.user_agent, known.address)
    refresh = await _add(session, family_id, user_id, org_id, client)
    act = AuditAction.TOKEN_REFRESHED
    if family_id != known.family_id:
        await session.flush()
        await _end_family(session, known.family_id)
        context, act = replace(context, org_id=org_id), AuditAction.USER_SWITCHED
    await write_audit(session, context, [Change(family_id, audit=act)])
    return refresh


async def _elsewhere(session: AsyncSession, known: RefreshToken, slug: str) -> OrgId:
    """The organization with this slug, if the token's owner belongs to it now."""
    query = (
        select(Organization.id)
        .join(Membership, Membership.org_id == Organization.id)
        .where(Organization.slug == slug, Membership.user_id == known.user_id)
    )
    found = await session.scalar(query)
    if found is None:
        raise OrganizationNotFoundError(f"you do not belong to an organization {slug!r}")
    return OrgId(found)


async def _add(
    session: AsyncSession, family_id: UUID, user_id: UserId, org_id: OrgId, client: Client
) -> str:
    token = secrets.token_urlsafe(32)
    values = {
        "id": new_uuid(),
        "family_id": family_id,
        "token_hash": hash_token(token),
        "user_id": user_id,
        "org_id": org_id,
        "expires_at": now() + REFRESH_LIFETIME,
        "last_used_at": now(),
        **client.columns(),
    }
    await session.execute(insert(RefreshToken), [values])
    return token


async def _end_family(session: AsyncSession, family_id: UUID) -> None:
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )


def _member(user_id: UserId, org_id: OrgId, *conditions: ColumnElement[bool]) -> Select[Any]:
    return members().where(Membership.user_id == user_id, Membership.org_id == org_id, *conditions)


def _pair(keys: Keys, lease: Lease, refresh: str) -> Tokens:
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(lease.user_id),
        "org": str(lease.org_id),
        "fid": str(lease.family_id),
        "jti": secrets.token_urlsafe(9),
        "exp": int(lease.expires_at.timestamp()),
    }
    key_id = keys.key_id
    header = {"alg": _ALGORITHM, "kid": key_id}
    return Tokens(
        access=jwt.encode(header, claims, _key(keys, key_id)),
        refresh=refresh,
        expires_in=round((lease.expires_at - now()).total_seconds()),
    )


def _read(keys: Keys, token: str) -> Lease:
    try:
        claims = jwt.decode(token, _named_key(keys), algorithms=[_ALGORITHM]).claims
        _CLAIMS.validate(claims)
        return Lease(
            user_id=UserId(UUID(claims["sub"])),
            org_id=OrgId(UUID(claims["org"])),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            family_id=UUID(claims["fid"]),
        )
    except (JoseError, UnknownKeyError, *_MALFORMED) as error:
        raise UnauthenticatedError("the access token is not valid or has expired") from error


def _named_key(keys: Keys) -> Callable[[GuestProtocol], OctKey]:
    """The key that a token's header names among ours; one that was made before a rotation lives until it expires."""
    return lambda token: _key(keys, token.headers().get("kid"))


def _key(keys: Keys, key_id: str | None) -> OctKey:
    return _imported(keys.derive("access tokens", key_id))


@functools.lru_cache(maxsize=16)
def _imported(secret: bytes) -> OctKey:
    return OctKey.import_key(secret)
