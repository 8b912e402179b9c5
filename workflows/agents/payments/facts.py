"""What the tools tell beside the invoice: who pays, and every attempt to charge the card for it.

Every ``record_id`` is the record's id at the source: what evidence cites and what a person finds there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.connectors.base import Payment
from backend.connectors.records import Customer, Invoice

SOFT = frozenset(
    {
        "insufficient_funds",
        "processing_error",
        "try_again_later",
        "issuer_not_available",
        "reenter_transaction",
        "withdrawal_count_limit_exceeded",
    }
)
HARD = frozenset(
    {
        "expired_card",
        "lost_card",
        "stolen_card",
        "pickup_card",
        "incorrect_number",
        "invalid_number",
        "invalid_account",
        "card_not_supported",
        "restricted_card",
    }
)


@dataclass(frozen=True)
class PayerFacts:
    """Who owes the invoice, and whether there is a card to charge."""

    record_id: str
    name: str
    email: str | None
    has_card: bool


@dataclass(frozen=True)
class Attempt:
    """One attempt to charge the card, newest first.

    ``status``: succeeded or failed. ``kind`` of a decline: soft passes by itself, hard never does, else unclear.
    """

    at: datetime
    hours_ago: int
    amount: int
    currency: str
    status: str
    code: str | None
    words: str | None
    kind: str | None


@dataclass(frozen=True)
class Attempts:
    """All attempts on the invoice that the vendor still shows; ``counted`` is how many it has counted."""

    customer_record_id: str
    counted: int
    charges_max: int
    attempts: list[Attempt]


def of_payer(customer: Customer) -> PayerFacts:
    """The customer as the outside system has it now."""
    return PayerFacts(customer.source_id, customer.name, customer.email, customer.has_card)


def of_attempts(
    invoice: Invoice, payments: Sequence[Payment], charges_max: int, now: datetime
) -> Attempts:
    """The charges for the invoice among those of its customer."""
    return Attempts(
        customer_record_id=invoice.customer_source_id,
        counted=invoice.payment_attempts,
        charges_max=charges_max,
        attempts=[
            Attempt(
                at=one.at,
                hours_ago=int((now - one.at).total_seconds() // 3600),
                amount=one.amount,
                currency=one.currency,
                status=one.status,
                code=one.failure_code,
                words=one.failure,
                kind=_kind(one),
            )
            for one in payments
            if one.is_for(invoice)
        ],
    )


def _kind(payment: Payment) -> str | None:
    if payment.status != "failed":
        return None
    code = payment.failure_code or ""
    return "soft" if code in SOFT else "hard" if code in HARD else "unclear"
