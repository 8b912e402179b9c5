"""Wire types of webhooks that come in by a connection."""

from datetime import datetime

from backend.schemas.common import Wire


class WebhookSecrets(Wire, frozen=True):
    """Body of ``PUT /connections/{id}/webhook-secrets``: at most two are live; none closes the address."""

    secrets: list[str]


class WebhookAddress(Wire, frozen=True):
    """Where the vendor is to send to, and how many secrets are live. The secrets are never told."""

    url: str
    secrets: int


class InboundEvent(Wire, frozen=True):
    """One event that came in. ``state``: waiting (perhaps for another attempt), applied, ignored or failed."""

    id: str
    source_event_id: str
    kind: str
    state: str
    occurred_at: datetime
    received_at: datetime
    attempts: int
    error: str | None
    next_try_at: datetime | None
    applied_at: datetime | None


class InboundEventList(Wire, frozen=True):
    """What came in, newest first."""

    items: list[InboundEvent]
    next_cursor: str | None


class Received(Wire, frozen=True):
    """The answer to a delivery that is kept."""

    received: bool = True
