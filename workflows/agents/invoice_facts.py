"""The invoice of a run as the tools of several agents tell it: plain values beside the limits of the playbook.

Every ``record_id`` is the record's id at the source: what evidence cites and what a person finds there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from backend.connectors.records import Invoice
from backend.playbooks.service import Definition
from backend.proposals.memory import Memory, with_our_reminders

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
        lines=lines_of(live),
        custom_fields=open_fields(live.custom_fields),
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


def lines_of(invoice: Invoice) -> list[LineFacts]:
    """The positions of an invoice."""
    return [
        LineFacts(one.description, one.amount, one.quantity, one.period_start, one.period_end)
        for one in invoice.lines
    ]


def open_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """The custom fields that an agent may see."""
    return {name: value for name, value in fields.items() if name not in _HIDDEN}
