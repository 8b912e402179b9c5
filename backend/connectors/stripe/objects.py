"""Stripe's objects of API version 2026-08-26.dahlia, as far as their fields are used here."""

from typing import Any, Literal

import msgspec


class Listing(msgspec.Struct):
    """One page of a list."""

    data: list[dict[str, Any]]
    has_more: bool


class Named(msgspec.Struct):
    """Any object: what a write answers with."""

    id: str
    object: str
    invoice: str | None = None


class AddressObject(msgspec.Struct):
    """``address``."""

    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class TaxIdObject(msgspec.Struct):
    """``tax_id``."""

    value: str


class InvoiceSettings(msgspec.Struct):
    """``customer.invoice_settings``."""

    default_payment_method: str | None = None


class CustomerObject(msgspec.Struct):
    """``customer``."""

    id: str
    created: int
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    currency: str | None = None
    address: AddressObject | None = None
    tax_ids: Listing | None = None
    default_source: str | None = None
    invoice_settings: InvoiceSettings | None = None
    metadata: dict[str, str] | None = None


class Party(msgspec.Struct):
    """An expanded customer; of a deleted one only the id is left."""

    id: str
    name: str | None = None
    email: str | None = None


class Period(msgspec.Struct):
    """``line_item.period``."""

    start: int
    end: int


class LineObject(msgspec.Struct):
    """``line_item``."""

    amount: int
    period: Period
    description: str | None = None
    quantity: int | None = None


class Transitions(msgspec.Struct):
    """``invoice.status_transitions``."""

    finalized_at: int | None = None
    paid_at: int | None = None


class InvoiceObject(msgspec.Struct):
    """``invoice``."""

    id: str
    created: int
    customer: str | Party
    currency: str
    total: int
    amount_remaining: int
    pre_payment_credit_notes_amount: int
    post_payment_credit_notes_amount: int
    status_transitions: Transitions
    lines: Listing
    customer_name: str | None = None
    number: str | None = None
    status: Literal["draft", "open", "paid", "void", "uncollectible"] | None = None
    due_date: int | None = None
    attempt_count: int = 0
    effective_at: int | None = None
    description: str | None = None
    metadata: dict[str, str] | None = None


class ChargeOutcome(msgspec.Struct):
    """``charge.outcome``; ``reason`` of a decline is the issuer's code."""

    reason: str | None = None


class ChargeObject(msgspec.Struct):
    """``charge``."""

    id: str
    created: int
    amount: int
    currency: str
    status: Literal["succeeded", "pending", "failed"]
    failure_code: str | None = None
    failure_message: str | None = None
    outcome: ChargeOutcome | None = None
    payment_intent: str | None = None


class InvoicePaymentObject(msgspec.Struct):
    """``invoice_payment``."""

    invoice: str


class CreditNoteObject(msgspec.Struct):
    """``credit_note``."""

    id: str
    invoice: str
    created: int
    amount: int
    currency: str
    number: str
    status: Literal["issued", "void"]
    memo: str | None = None
    reason: str | None = None
    metadata: dict[str, str] | None = None


class RefundObject(msgspec.Struct):
    """``refund``."""

    id: str
    created: int
    amount: int
    currency: str
    charge: str | None = None
    reason: str | None = None
    status: str | None = None
    metadata: dict[str, str] | None = None


class EventRequest(msgspec.Struct):
    """``event.request``: which request caused it."""

    idempotency_key: str | None = None


class EventSubject(msgspec.Struct):
    """``event.data.object``."""

    id: str


class EventData(msgspec.Struct):
    """``event.data``."""

    object: EventSubject


class EventObject(msgspec.Struct):
    """``event``."""

    id: str
    data: EventData
    request: EventRequest | None = None
