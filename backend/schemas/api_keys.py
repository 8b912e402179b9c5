"""Wire types of API keys. The key itself goes one way, once."""

from datetime import datetime
from typing import Annotated

import msgspec

from backend.schemas.common import Person, Wire


class ApiKeyCreate(Wire, frozen=True):
    """A key for a program. ``scopes`` are permissions of yours: ``proposals:read:team``.

    Without ``expiresAt`` it lasts until it is revoked.
    """

    name: str
    scopes: list[str]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class ApiKey(Wire, frozen=True):
    """A key as it is listed; ``prefix`` is how it begins. ``lastUsedAt`` is exact to a minute."""

    id: str
    prefix: str
    name: str
    scopes: list[str]
    created_by: Person
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class ApiKeySecret(Wire, frozen=True):
    """A new secret of a key: it is shown here and never again."""

    api_key: ApiKey
    secret: str


class ApiKeyList(Wire, frozen=True):
    """The newest first."""

    items: list[ApiKey]
