"""Tokens for programs: short access tokens (JWT) and refresh tokens that are spent by their use, in families."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import ColumnElement, Select, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import Keys, hash_token
from backend.core.db import Database
from backend.core.errors import UnauthenticatedError
from backend.core.ids import OrgId, UserId, new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, write_audit
from tenancy.context import Channel, TenantContext
from tenancy.models.organization import Membership, RefreshToken
from tenancy.principals import Authenticated, Lease, NotAMemberError, members, principal_from
from tenancy.session import system

ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=30)
_ISSUER = "countersign"
_AUDIENCE = "countersign-api"
_ALGORITHM = "HS256"
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
    database: Database, keys: Keys, user_id: UserId, org_id: OrgId, request_id: str | None
) -> Tokens:
    """The first pair of a new family."""
    family_id = new_uuid()
    async with system(database) as session:
        refresh = await _add(session, family_id, user_id, org_id)
        context = TenantContext(org_id, user_id, Channel.REST, request_id)
        await write_audit(session, context, [Change(family_id, audit=AuditAction.TOKEN_ISSUED)])
    return _pair(keys, user_id, org_id, family_id, refresh)


async def refresh_tokens(
    database: Database, keys: Keys, token: str, request_id: str | None
) -> Tokens:
    """The next pair; the token is spent. Raises :class:`UnauthenticatedError`.

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
            return await _rotate(session, keys, known, context)
        if began > known.spent_at:
            await _end_family(session, known.family_id, context)
    raise TokenReusedError("this refresh token was used before; log in again")


async def authenticate_access(
    database: Database, keys: Keys, token: str, request_id: str | None
) -> Authenticated:
    """Who holds this access token, as a member now. Raises :class:`UnauthenticatedError`."""
    lease = _read(keys, token)
    dead = exists().where(
        RefreshToken.family_id == lease.family_id, RefreshToken.revoked_at.is_not(None)
    )
    async with system(database) as session:
        row = (await session.execute(_member(lease.user_id, lease.org_id, ~dead))).one_or_none()
    if row is None:
        raise NotAMemberError("this access token is no longer valid; log in again")
    return Authenticated(principal_from(row, Channel.REST, request_id), lease)


async def _rotate(
    session: AsyncSession, keys: Keys, known: RefreshToken, context: TenantContext
) -> Tokens:
    user_id, org_id = UserId(known.user_id), OrgId(known.org_id)
    if (await session.execute(_member(user_id, org_id))).one_or_none() is None:
        raise NotAMemberError("this person does not belong to the organization any more")
    known.spent_at = await session.scalar(select(func.clock_timestamp()))
    refresh = await _add(session, known.family_id, user_id, org_id)
    refreshed = Change(known.family_id, audit=AuditAction.TOKEN_REFRESHED)
    await write_audit(session, context, [refreshed])
    return _pair(keys, user_id, org_id, known.family_id, refresh)


async def _add(session: AsyncSession, family_id: UUID, user_id: UserId, org_id: OrgId) -> str:
    token = secrets.token_urlsafe(32)
    values = {
        "id": new_uuid(),
        "family_id": family_id,
        "token_hash": hash_token(token),
        "user_id": user_id,
        "org_id": org_id,
        "expires_at": now() + REFRESH_LIFETIME,
    }
    await session.execute(insert(RefreshToken), [values])
    return token


async def _end_family(session: AsyncSession, family_id: UUID, context: TenantContext) -> None:
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    await write_audit(session, context, [Change(family_id, audit=AuditAction.TOKEN_REUSED)])


def _member(user_id: UserId, org_id: OrgId, *conditions: ColumnElement[bool]) -> Select[Any]:
    return members().where(Membership.user_id == user_id, Membership.org_id == org_id, *conditions)


def _pair(keys: Keys, user_id: UserId, org_id: OrgId, family_id: UUID, refresh: str) -> Tokens:
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(user_id),
        "org": str(org_id),
        "fid": str(family_id),
        "jti": secrets.token_urlsafe(9),
        "exp": int((now() + ACCESS_LIFETIME).timestamp()),
    }
    header = {"alg": _ALGORITHM, "kid": keys.key_id}
    return Tokens(
        access=jwt.encode(header, claims, _key(keys)),
        refresh=refresh,
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
    )


def _read(keys: Keys, token: str) -> Lease:
    try:
        claims = jwt.decode(token, _key(keys), algorithms=[_ALGORITHM]).claims
        _CLAIMS.validate(claims)
        return Lease(
            user_id=UserId(UUID(claims["sub"])),
            org_id=OrgId(UUID(claims["org"])),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            family_id=UUID(claims["fid"]),
        )
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise UnauthenticatedError("the access token is not valid or has expired") from error


def _key(keys: Keys) -> OctKey:
    return OctKey.import_key(keys.derive("access tokens"))
