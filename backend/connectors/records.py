"""Canonical records as values: what an adapter reads, what a sync keeps, what an action looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, TypeAlias

from backend.core.canonical import Json, fingerprint
from backend.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an invoice goes; ``country`` as ISO 3166-1 alpha-2."""

    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None

    def text(self) -> str:
        """The address in one line."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = (self.line1, self.line2, town, self.state, self.country)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A party that owes or pays. ``custom_fields`` are the vendor's free fields without our own marks.

    ``has_card``: the source has a card that it may charge; known of one that was read live only.
    """

    kind: ClassVar[str] = "customer"

    source_id: str
    name: str
    email: str | None
    phone: str | None
    currency: str | None
    is_active: bool
    created_at: datetime
    billing_address: Address | None = None
    tax_ids: tuple[str, ...] = ()
    has_card: bool = False
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """What names it without doubt: two customers may bear one name."""
        return self.source_id

    @property
    def party(self) -> str:
        """Whom it concerns."""
        return self.name


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
    credit notes have taken off, ``payment_attempts`` how often a card was charged for it, whatever came of it.
    """

    kind: ClassVar[str] = "invoice"

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
    payment_attempts: int = 0
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """What names it for people."""
        return self.number

    @property
    def party(self) -> str:
        """Whom it concerns."""
        return self.customer_name

    def money(self, minor: int) -> Money:
        """An amount in the invoice's currency."""
        return Money(self.currency, minor)


Record: TypeAlias = Invoice | Customer

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


def guard(record: Record, fields: Iterable[str]) -> dict[str, Json]:
    """The named fields as JSON values (dates ISO 8601): what a proposal was made on."""
    return {name: _json(getattr(record, name)) for name in fields}


def version(guarded: Mapping[str, Json]) -> str:
    """The source version: SHA-256 over the guarded fields."""
    return fingerprint(guarded)


def _json(value: object) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Address):
        return value.text()
    if isinstance(value, tuple):
        return [_json(one) for one in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} cannot be guarded")
