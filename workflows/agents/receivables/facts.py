"""What the tools tell: plain values about the invoice of the run, its customer, their payments and other invoices.

Every ``record_id`` is the record's id at the source: what evidence cites and what a person finds there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from backend.connectors.base import Payment
from backend.connectors.records import Customer, Invoice
from backend.playbooks.service import Definition
from backend.proposals.memory import Memory, with_our_reminders

_SHOWN = 12
_NEAR = timedelta(days=35)
_HIDDEN = frozenset(
    {"case"}
)  # in demo data it tells tests the right answer; nobody may decide by it


@dataclass(frozen=True)
class LineFacts:
    """One position; the period says when it was delivered."""

    description: str
    amount: int
    quantity: int
    period_start: date | None
    period_end: date | None


@dataclass(frozen=True)
class PlaybookLimits:
    """What this playbook allows. Amounts in minor units."""

    actions: list[str]
    credit_note_max: int
    reminders_max: int
    uncollectible_after_days: int


@dataclass(frozen=True)
class RefusalFacts:
    """A person rejected this action on the invoice before."""

    action: str
    by: str
    reason: str
    days_ago: int


@dataclass(frozen=True)
class InvoiceFacts:
    """The invoice as the outside system has it now. Amounts are minor units of ``currency``."""

    record_id: str
    number: str
    status: str
    currency: str
    total: int
    balance: int
    credited: int
    issue_date: date | None
    due_date: date | None
    today: date
    days_overdue: int
    created_at: datetime
    memo: str | None
    lines: list[LineFacts]
    custom_fields: dict[str, str]
    limits: PlaybookLimits
    refusals: list[RefusalFacts]


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


def of_invoice(found: Invoice, memory: Memory, today: date, definition: Definition) -> InvoiceFacts:
    """The invoice read live with what we remember of it, beside the limits of the playbook."""
    live, limits = with_our_reminders(found, memory), definition.limits
    return InvoiceFacts(
        record_id=live.source_id,
        number=live.number,
        status=live.status,
        currency=live.currency,
        total=live.total,
        balance=live.balance,
        credited=live.credited,
        issue_date=live.issue_date,
        due_date=live.due_date,
        today=today,
        days_overdue=max((today - live.due_date).days, 0) if live.due_date else 0,
        created_at=live.created_at,
        memo=live.memo,
        lines=_lines(live),
        custom_fields=_open_fields(live.custom_fields),
        limits=PlaybookLimits(
            actions=list(definition.actions),
            credit_note_max=limits.credit_note_max,
            reminders_max=limits.reminders_max,
            uncollectible_after_days=limits.uncollectible_after_days,
        ),
        refusals=[
            RefusalFacts(one.action, one.by, one.reason, (today - one.at.date()).days)
            for one in memory.refusals
        ],
    )


def of_customer(customer: Customer) -> CustomerFacts:
    """The customer as the last sync saw them."""
    return CustomerFacts(
        record_id=customer.source_id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        is_active=customer.is_active,
        custom_fields=_open_fields(customer.custom_fields),
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
                lines=_lines(one),
            )
            for one in sorted(near, key=distance)[:_SHOWN]
        ]
    )


def _lines(invoice: Invoice) -> list[LineFacts]:
    return [
        LineFacts(one.description, one.amount, one.quantity, one.period_start, one.period_end)
        for one in invoice.lines
    ]


def _open_fields(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in _HIDDEN}
