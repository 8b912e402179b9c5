"""Wire types of an organization's own keys of model providers. The key itself goes one way only."""

from datetime import datetime

from backend.schemas.common import Person, Wire


class ModelKeySet(Wire, frozen=True):
    """A provider's key; ``baseUrl`` where it is not the provider's public address."""

    key: str
    base_url: str | None = None


class ModelKey(Wire, frozen=True):
    """A key that is set; ``hint`` is its beginning and its last four characters."""

    provider: str
    hint: str
    base_url: str | None
    created_by: Person
    created_at: datetime


class ModelKeyList(Wire, frozen=True):
    """The keys that are set, and the providers for which one can be."""

    items: list[ModelKey]
    providers: list[str]
