"""An organization's own keys of model providers: sealed, and never logged, returned or audited."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Keys
from backend.core.errors import InvalidInputError, NotFoundError
from backend.core.ids import new_uuid
from backend.core.settings import ModelAccess
from backend.playbooks.models import MODEL_KEY_PURPOSE, ModelKeyRow
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.models.organization import UserAccount
from tenancy.permissions import Right, authorize

PROVIDERS = ("anthropic", "openai")
_KEY = re.compile(r"[\x21-\x7e]{8,512}")
_LONG_ENOUGH_TO_HINT = 16


class ModelKeyNotFoundError(NotFoundError):
    """The organization has no key for this provider, or nobody knows the provider."""

    code = "model_key_not_found"


@dataclass(frozen=True, slots=True)
class ModelKey:
    """What people see of a key: ``hint`` is its beginning and its last four characters."""

    provider: str
    hint: str
    base_url: str | None
    created_by: UUID
    created_by_name: str
    created_at: datetime


async def list_keys(session: AsyncSession, principal: Principal) -> list[ModelKey]:
    """The organization's keys by provider. Needs ``settings:read``."""
    authorize(principal, Right.SETTINGS_READ)
    query = (
        select(ModelKeyRow, UserAccount.name)
        .join(UserAccount, UserAccount.id == ModelKeyRow.created_by)
        .order_by(ModelKeyRow.provider)
    )
    return [
        ModelKey(row.provider, row.hint, row.base_url, row.created_by, name, row.created_at)
        for row, name in await session.execute(query)
    ]


async def set_key(
    session: AsyncSession,
    principal: Principal,
    keys: Keys,
    *,
    provider: str,
    access: ModelAccess,
) -> None:
    """Add or replace the key; the caller has checked its address. Needs ``settings:admin``."""
    authorize(principal, Right.SETTINGS_ADMIN)
    _require_known(provider)
    if not _KEY.fullmatch(access.api_key):
        raise InvalidInputError(
            "key must be the provider's key as it was given: 8 to 512 characters without spaces",
            field="key",
        )
    key_id = new_uuid()
    values = {
        "id": key_id,
        "base_url": access.base_url,
        "sealed": keys.seal(_purpose(principal.org_id, key_id), access.api_key.encode()),
        "hint": _hint(access.api_key),
        "created_by": principal.user_id,
    }
    await session.execute(
        insert(ModelKeyRow)
        .values(org_id=principal.org_id, provider=provider, **values)
        .on_conflict_do_update(
            index_elements=["org_id", "provider"], set_={**values, "created_at": func.now()}
        )
    )
    details = {"provider": provider, "baseUrl": access.base_url}
    record(session, Change(key_id, audit=AuditAction.MODEL_KEY_SET, details=details))


async def remove_key(session: AsyncSession, principal: Principal, provider: str) -> None:
    """Forget the key: runs use the worker's from now on, if it has one. Needs ``settings:admin``."""
    authorize(principal, Right.SETTINGS_ADMIN)
    _require_known(provider)
    statement = delete(ModelKeyRow).where(ModelKeyRow.provider == provider)
    key_id = await session.scalar(statement.returning(ModelKeyRow.id))
    if key_id is None:
        raise ModelKeyNotFoundError(f"the organization has no key of its own for {provider}")
    details = {"provider": provider}
    record(session, Change(key_id, audit=AuditAction.MODEL_KEY_REMOVED, details=details))


async def open_keys(session: AsyncSession, keys: Keys) -> Mapping[str, ModelAccess]:
    """The organization's keys by provider, in plain: for the activity that calls a model, nobody else."""
    return {
        row.provider: ModelAccess(
            keys.open(_purpose(row.org_id, row.id), row.sealed).decode(), row.base_url
        )
        for row in await session.scalars(select(ModelKeyRow))
    }


def _require_known(provider: str) -> None:
    if provider not in PROVIDERS:
        raise ModelKeyNotFoundError(
            f"there is no model provider {provider!r}; there are: {', '.join(PROVIDERS)}"
        )


def _hint(key: str) -> str:
    return f"{key[:3]}…{key[-4:]}" if len(key) >= _LONG_ENOUGH_TO_HINT else "…"


def _purpose(org_id: UUID, key_id: UUID) -> str:
    return MODEL_KEY_PURPOSE.format(org_id=org_id, id=key_id)
