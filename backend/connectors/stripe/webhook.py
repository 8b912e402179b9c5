"""Stripe's webhooks: their signature (https://docs.stripe.com/webhooks#verify-manually) and what they are about."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec

from backend.connectors.hooks import Notice, Touched, WebhookRefusedError
from backend.connectors.stripe.objects import EventRequest
from backend.core.crypto import same

TOLERANCE = timedelta(minutes=5)
_MOST_SIGNATURES = 8


class _Reference(msgspec.Struct):
    id: str


class _Subject(msgspec.Struct):
    """Whatever object an event carries: its own id and those by which it is tied to an invoice."""

    object: str = ""
    id: str | None = None
    invoice: str | _Reference | None = None
    payment_intent: str | _Reference | None = None


class _Data(msgspec.Struct):
    object: _Subject


class _Event(msgspec.Struct):
    id: str
    type: str
    created: int
    data: _Data
    request: EventRequest | str | None = None


class StripeHook:
    """Several secrets may be live at a time, and Stripe may sign with several: any pair suffices."""

    signature_header: ClassVar[str] = "Stripe-Signature"

    def verify(
        self, body: bytes, signature: str | None, secrets: Sequence[bytes], moment: datetime
    ) -> None:
        """HMAC-SHA256 over ``<t>.<body>``; ``t`` may differ from ``moment`` by five minutes, both ways."""
        stamp, given = _parts(signature)
        signed = f"{stamp}.".encode() + body
        expected = [hmac.digest(secret, signed, "sha256").hex().encode() for secret in secrets]
        matches = [same(one, other) for one in expected for other in given]
        if not any(matches):
            raise WebhookRefusedError("the signature does not fit the body")
        if abs(moment.timestamp() - stamp) > TOLERANCE.total_seconds():
            raise WebhookRefusedError("the signature was not made within the last five minutes")

    def read(self, body: bytes) -> Notice:
        """The event's ids; its snapshot of the object is left aside."""
        try:
            event = msgspec.json.decode(body, type=_Event)
            occurred_at = datetime.fromtimestamp(event.created, UTC)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
            raise WebhookRefusedError(f"the body is no event of Stripe: {error}") from error
        request = event.request
        cause = request.idempotency_key if isinstance(request, EventRequest) else None
        return Notice(
            event.id, event.type, occurred_at, cause, _touched(event.type, event.data.object)
        )


def _parts(header: str | None) -> tuple[int, list[bytes]]:
    """Time stamp and ``v1`` signatures. Other schemes are ignored: one of them is for tests only."""
    fields = [part.strip().partition("=") for part in (header or "").split(",")]
    stamps = [value for name, _, value in fields if name == "t"]
    given = [value.encode() for name, _, value in fields if name == "v1"]
    is_stamp = len(stamps) == 1 and stamps[0].isascii() and stamps[0].isdigit()
    if not is_stamp or len(stamps[0]) > len("9999999999") or not given:
        raise WebhookRefusedError("the header Stripe-Signature is absent or not t=…,v1=…")
    return int(stamps[0]), given[:_MOST_SIGNATURES]


def _touched(kind: str, subject: _Subject) -> Touched | None:
    invoice, payment = _id(subject.invoice), _id(subject.payment_intent)
    match kind.partition(".")[0], subject.object:
        case ("customer", "customer") | ("invoice", "invoice") if subject.id:
            return Touched(subject.object, subject.id)
        case ("credit_note" | "charge", _) if invoice:
            return Touched("invoice", invoice)
        case ("charge", _) if payment:
            return Touched("payment", payment)
    return None


def _id(reference: str | _Reference | None) -> str | None:
    return reference.id if isinstance(reference, _Reference) else reference
