"""What a vendor's webhooks offer: whether a delivery is the vendor's, and what it tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from backend.core.errors import AppError


class WebhookRefusedError(AppError):
    """The delivery is not provably the vendor's, is too old or too new, or is no event."""

    code = "webhook_refused"
    status = 400


@dataclass(frozen=True, slots=True)
class Touched:
    """What an event is about. ``kind``: customer, invoice, or payment for the invoice that is paid by it."""

    kind: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An event as far as it is used. ``cause`` is the idempotency key of the request that caused it.

    ``touched`` is None when it is about nothing that is kept. The state that it carries is not used: it may be old.
    """

    event_id: str
    kind: str
    occurred_at: datetime
    cause: str | None
    touched: Touched | None


class Hook(Protocol):
    """One vendor's webhooks."""

    signature_header: ClassVar[str]

    def verify(
        self, body: bytes, signature: str | None, secrets: Sequence[bytes], moment: datetime
    ) -> None:
        """Raise :class:`WebhookRefusedError` unless one of the secrets has signed these bytes around ``moment``."""

    def read(self, body: bytes) -> Notice:
        """What a verified delivery tells. Raises :class:`WebhookRefusedError` when it is no event."""
