"""API keys: made by a member for a program, shown once, never worth more than that member is worth at this moment."""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import hash_token, same
from backend.core.db import Database
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from backend.core.ids import new_uuid
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Channel, Principal
from tenancy.devices import touch, wants_touch
from tenancy.models.access import ApiKeyRow
from tenancy.models.organization import Membership, UserAccount
from tenancy.names import cleaned
from tenancy.permissions import (
    Reach,
    Right,
    all_grants,
    authorize,
    beyond,
    expanded,
    grants_from,
    narrowed,
)
from tenancy.principals import Authenticated, Lease, members, principal_from
from tenancy.session import lookup

KEY_MARK = "cs_"
_NEVER = datetime.max.replace(tzinfo=UTC)
_TOKEN = re.compile(rf"{KEY_MARK}([0-9a-f]{{16}})_[A-Za-z0-9_-]{{43}}")


class ApiKeyNotFoundError(NotFoundError):
    """There is no such key within reach, or it was revoked."""

    code = "api_key_not_found"


class NotYourKeyError(ConflictError):
    """A key acts for the member who made it, so nobody else may hold its secret."""

    code = "not_your_api_key"


class BeyondAuthorError(InvalidInputError):
    """The key would do more than who makes it."""


class KeyExpiredError(ConflictError):
    """The key has expired."""

    code = "api_key_expired"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What people see of a key."""

    id: UUID
    prefix: str
    name: str
    scopes: tuple[str, ...]
    created_by: UUID
    created_by_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its secret, which exists here and in the reply alone."""

    key: ApiKey
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key as it is asked for. Checks itself."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        cleaned(self.name)
        if not self.scopes:
            raise InvalidInputError("name at least one permission of yours", field="scopes")
        if self.expires_at is not None and self.expires_at <= now():
            raise InvalidInputError("a key must end in the future", field="expiresAt")


async def list_api_keys(session: AsyncSession, principal: Principal) -> list[ApiKey]:
    """The keys within reach that were not revoked, the newest first. Needs ``api_keys:read``."""
    query = _keys(_within(authorize(principal, Right.API_KEYS_READ)))
    return [_key(row, name) for row, name in await session.execute(query)]


async def create_api_key(session: AsyncSession, principal: Principal, wanted: Wanted) -> NewKey:
    """A new key. Needs ``api_keys:create``; its scopes may not exceed the rights of who makes it."""
    authorize(principal, Right.API_KEYS_CREATE)
    _require_own(principal, wanted.scopes)
    prefix, token = _secret()
    row = ApiKeyRow(
        org_id=principal.org_id,
        id=new_uuid(),
        prefix=prefix,
        hash=hash_token(token),
        name=cleaned(wanted.name),
        scopes=sorted(set(wanted.scopes)),
        created_by=principal.user_id,
        created_at=now(),
        expires_at=wanted.expires_at,
    )
    session.add(row)
    await session.flush()
    key = _key(row, principal.name)
    _audit(session, AuditAction.API_KEY_CREATED, key)
    return NewKey(key, token)


async def rotate_api_key(session: AsyncSession, principal: Principal, key_id: UUID) -> NewKey:
    """Another secret for the same key; the old one is refused from now on. Needs ``api_keys:create``.

    Only who made the key may do it: whoever holds the secret acts in their name.
    """
    key = await _locked(session, authorize(principal, Right.API_KEYS_CREATE), key_id)
    if key.created_by != principal.user_id:
        raise NotYourKeyError(
            f"this key acts for {key.created_by_name}, who alone can rotate it; you can revoke it"
        )
    if key.expires_at is not None and key.expires_at <= now():
        raise KeyExpiredError("this key has expired; make a new one")
    prefix, token = _secret()
    changed = {"prefix": prefix, "hash": hash_token(token), "last_used_at": None}
    await session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(**changed))
    rotated = replace(key, prefix=prefix, last_used_at=None)
    _audit(session, AuditAction.API_KEY_ROTATED, rotated)
    return NewKey(rotated, token)


async def revoke_api_key(session: AsyncSession, principal: Principal, key_id: UUID) -> None:
    """End a key: its next request is refused by every process. Needs ``api_keys:delete``."""
    key = await _locked(session, authorize(principal, Right.API_KEYS_DELETE), key_id)
    ended = update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(revoked_at=now())
    await session.execute(ended)
    _audit(session, AuditAction.API_KEY_REVOKED, key)


async def authenticate_key(database: Database, token: str, request_id: str | None) -> Authenticated:
    """Who made this key, with what it may do of what they may do now. Raises :class:`UnauthenticatedError`."""
    found = _TOKEN.fullmatch(token)
    query = (
        members()
        .add_columns(ApiKeyRow.hash, ApiKeyRow.scopes, ApiKeyRow.expires_at, ApiKeyRow.last_used_at)
        .join(
            ApiKeyRow,
            and_(ApiKeyRow.org_id == Membership.org_id, ApiKeyRow.created_by == Membership.user_id),
        )
        .where(
            ApiKeyRow.prefix == (found[1] if found else None),
            ApiKeyRow.created_at >= Membership.created_at,
            _alive(),
        )
    )
    async with lookup(database) as connection:
        row = (await connection.execute(query)).one_or_none() if found else None
        if found is None or row is None or not same(row.hash, hash_token(token)):
            raise UnauthenticatedError("this API key is not valid: unknown, revoked or expired")
        if wants_touch(row.last_used_at):
            await touch(connection, ApiKeyRow, ApiKeyRow.prefix == found[1])
    person = principal_from(row, Channel.API_KEY, request_id)
    lease = Lease(person.user_id, person.org_id, row.expires_at or _NEVER, key_prefix=found[1])
    scopes = expanded(tuple(row.scopes))
    grants = narrowed(person.grants, scopes)
    of_teams = {team: narrowed(one, scopes) for team, one in person.team_grants.items()}
    program = replace(person, grants=grants, team_grants=of_teams, key_prefix=found[1])
    return Authenticated(program, lease)


def is_alive(prefixes: Collection[str]) -> Select[str]:
    """Those of the prefixes whose keys were neither revoked nor rotated and have not expired."""
    return select(ApiKeyRow.prefix).where(ApiKeyRow.prefix.in_(prefixes), _alive())


def _require_own(principal: Principal, scopes: Sequence[str]) -> None:
    """Raise :class:`InvalidInputError` for an unknown scope, :class:`BeyondAuthorError` for those that exceed.

    A wildcard is kept as it is written: a right that comes later is part of the key once its author has it.
    """
    try:
        asked = grants_from(scopes)
    except ValueError as error:
        raise InvalidInputError(str(error), field="scopes") from error
    if more := beyond(asked, all_grants(principal)):
        told = f"a key cannot do more than you: {', '.join(more)}"
        raise BeyondAuthorError(told, field="scopes")


def _within(reach: Reach) -> ColumnElement[bool]:
    return true() if reach.everything else ApiKeyRow.created_by == reach.user_id


def _alive() -> ColumnElement[bool]:
    lasts = or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now())
    return and_(ApiKeyRow.revoked_at.is_(None), lasts)


def _secret() -> tuple[str, str]:
    """A prefix to be found by, and the whole key: 256 bits that nobody guesses."""
    prefix = secrets.token_hex(8)
    return prefix, f"{KEY_MARK}{prefix}_{secrets.token_urlsafe(32)}"


def _keys(*conditions: ColumnElement[bool]) -> Select[ApiKeyRow, str]:
    return (
        select(ApiKeyRow, UserAccount.name)
        .join(UserAccount, UserAccount.id == ApiKeyRow.created_by)
        .where(ApiKeyRow.revoked_at.is_(None), *conditions)
        .order_by(ApiKeyRow.id.desc())
    )


async def _locked(session: AsyncSession, reach: Reach, key_id: UUID) -> ApiKey:
    query = _keys(_within(reach), ApiKeyRow.id == key_id).with_for_update(of=ApiKeyRow)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise ApiKeyNotFoundError("there is no such API key")
    return _key(*found)


def _key(row: ApiKeyRow, created_by_name: str) -> ApiKey:
    return ApiKey(
        id=row.id,
        prefix=row.prefix,
        name=row.name,
        scopes=tuple(row.scopes),
        created_by=row.created_by,
        created_by_name=created_by_name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def _audit(session: AsyncSession, act: AuditAction, key: ApiKey) -> None:
    details = {"name": key.name, "prefix": key.prefix, "scopes": list(key.scopes)}
    record(session, Change(key.id, audit=act, details=details))
