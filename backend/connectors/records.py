"""Canonical records as values: what an adapter reads, what a sync keeps, what an action looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.core.canonical import Json, fingerprint
from backend.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A party that owes or pays. ``custom_fields`` are the vendor's free fields without our own marks."""

    source_id: str
    name: str
    email: str | None
    phone: str | None
    currency: str | None
    is_active: bool
    created_at: datetime
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One position of an invoice; ``amount`` in minor units, the period as far as the source has one."""

    description: str
    amount: int
    quantity: int
    period_start: date | None
    period_end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice; amounts are minor units of ``currency``.

    ``status``: draft, open, paid, void or uncollectible. ``balance`` is what is still to be paid, ``credited`` what
    credit notes have taken off.
    """

    source_id: str
    customer_source_id: str
    customer_name: str
    number: str
    status: str
    currency: str
    total: int
    balance: int
    credited: int
    issue_date: date | None
    due_date: date | None
    paid_at: datetime | None
    created_at: datetime
    memo: str | None
    lines: tuple[InvoiceLine, ...]
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def money(self, minor: int) -> Money:
        """An amount in the invoice's currency."""
        return Money(self.currency, minor)


INVOICE_FIELDS = (
    "customer_source_id",
    "number",
    "status",
    "currency",
    "total",
    "balance",
    "credited",
    "due_date",
    "memo",
)


def guard(invoice: Invoice, fields: Iterable[str]) -> dict[str, Json]:
    """The named fields as JSON values (dates ISO 8601): what a proposal was made on."""
    return {name: _json(getattr(invoice, name)) for name in fields}


def version(guarded: Mapping[str, Json]) -> str:
    """The source version: SHA-256 over the guarded fields."""
    return fingerprint(guarded)


def _json(value: object) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} cannot be guarded")
