"""What the tools tell beside the invoice: its customer, their payments and other invoices.

Every ``record_id`` is the record's id at the source: what evidence cites and what a person finds there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from backend.connectors.base import Payment
from backend.connectors.records import Customer, Invoice
from workflows.agents.invoice_facts import LineFacts, lines_of, open_fields

_SHOWN = 12
_NEAR = timedelta(days=35)


@dataclass(frozen=True)
class CustomerFacts:
    """Who owes."""

    record_id: str
    name: str
    email: str | None
    phone: str | None
    is_active: bool
    custom_fields: dict[str, str]


@dataclass(frozen=True)
class PaidInvoice:
    """An earlier invoice of the customer; ``days_late`` is negative when it was paid early."""

    record_id: str
    number: str
    total: int
    due_date: date
    paid_on: date
    days_late: int


@dataclass(frozen=True)
class PaymentAttempt:
    """One attempt to pay, newest first. ``status``: succeeded or failed."""

    invoice_record_id: str | None
    at: datetime
    amount: int
    currency: str
    status: str
    failure: str | None


@dataclass(frozen=True)
class PaymentHistory:
    """How the customer pays: the median lateness over all paid invoices, the latest of them, card attempts."""

    customer_record_id: str
    paid_invoices: int
    usual_days_late: int | None
    recent: list[PaidInvoice]
    attempts: list[PaymentAttempt]


@dataclass(frozen=True)
class SimilarInvoice:
    """Another invoice of the customer that was created near this one or has the same total."""

    record_id: str
    number: str
    status: str
    currency: str
    total: int
    balance: int
    created_at: datetime
    lines: list[LineFacts]


@dataclass(frozen=True)
class SimilarInvoices:
    """The nearest in time first."""

    invoices: list[SimilarInvoice]


def of_customer(customer: Customer) -> CustomerFacts:
    """The customer as the last sync saw them."""
    return CustomerFacts(
        record_id=customer.source_id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        is_active=customer.is_active,
        custom_fields=open_fields(customer.custom_fields),
    )


def of_history(
    customer_id: str, invoices: Sequence[Invoice], payments: Sequence[Payment]
) -> PaymentHistory:
    """Punctuality over the paid invoices, newest first, and the card attempts as the vendor tells them."""
    paid = [
        PaidInvoice(
            record_id=one.source_id,
            number=one.number,
            total=one.total,
            due_date=one.due_date,
            paid_on=one.paid_at.date(),
            days_late=(one.paid_at.date() - one.due_date).days,
        )
        for one in invoices
        if one.paid_at is not None and one.due_date is not None
    ]
    return PaymentHistory(
        customer_record_id=customer_id,
        paid_invoices=len(paid),
        usual_days_late=round(median(one.days_late for one in paid)) if paid else None,
        recent=paid[:_SHOWN],
        attempts=[
            PaymentAttempt(p.invoice_source_id, p.at, p.amount, p.currency, p.status, p.failure)
            for p in payments[:_SHOWN]
        ],
    )


def of_similar(this: Invoice, others: Sequence[Invoice]) -> SimilarInvoices:
    """Those made within a month of this one or with the same total, the nearest in time first."""

    def distance(one: Invoice) -> timedelta:
        return abs(one.created_at - this.created_at)

    near = [
        one
        for one in others
        if one.source_id != this.source_id
        and (distance(one) <= _NEAR or (one.currency, one.total) == (this.currency, this.total))
    ]
    return SimilarInvoices(
        [
            SimilarInvoice(
                record_id=one.source_id,
                number=one.number,
                status=one.status,
                currency=one.currency,
                total=one.total,
                balance=one.balance,
                created_at=one.created_at,
                lines=lines_of(one),
            )
            for one in sorted(near, key=distance)[:_SHOWN]
        ]
    )
