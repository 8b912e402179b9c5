"""Words and evidence that the offline rules share, and how they read an invoice's custom fields."""

from dataclasses import dataclass
from datetime import date

from backend.core.money import Money
from workflows.agents.answers import Evidence
from workflows.agents.invoice_facts import InvoiceFacts
from workflows.agents.receivables.facts import (
    CustomerFacts,
    PaymentAttempt,
    PaymentHistory,
    SimilarInvoices,
)
from workflows.agents.receivables.models import Nothing

PLAN = [
    "Read the invoice as it is now, its customer, their payment history and similar invoices.",
    "Look for a duplicate, a contested amount, a debt that is lost, and reasons to wait.",
    "Choose the first that the facts bear out; remind when none does.",
]


@dataclass(frozen=True)
class Facts:
    """Everything that the tools have told."""

    invoice: InvoiceFacts
    customer: CustomerFacts
    history: PaymentHistory
    similar: SimilarInvoices
    refusals: tuple[str, ...] = ()


def nothing(summary: str, reasoning: str, evidence: list[Evidence], confidence: float) -> Nothing:
    """An answer that leaves the invoice alone."""
    return Nothing(
        plan=PLAN, summary=summary, reasoning=reasoning, evidence=evidence, confidence=confidence
    )


def on_invoice(facts: Facts, claim: str) -> Evidence:
    """Evidence on the run's invoice."""
    return Evidence(kind="invoice", record_id=facts.invoice.record_id, claim=claim)


def on_customer(facts: Facts, claim: str) -> Evidence:
    """Evidence on its customer."""
    return Evidence(kind="customer", record_id=facts.customer.record_id, claim=claim)


def on_payments(facts: Facts, claim: str) -> Evidence:
    """Evidence on how the customer pays."""
    return Evidence(kind="payment_history", record_id=facts.history.customer_record_id, claim=claim)


def money(facts: Facts, minor: int) -> str:
    """An amount in the invoice's currency."""
    return Money(facts.invoice.currency, minor).text()


def capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:].rstrip(".")


def in_days(number: int) -> str:
    """``1 day``, ``2 days``."""
    return "1 day" if number == 1 else f"{number} days"


def lateness(number: int) -> str:
    """How a usual delay reads."""
    if number == 0:
        return "on the day it is due"
    return f"{in_days(number)} late" if number > 0 else f"{in_days(-number)} early"


def bounced(invoice: InvoiceFacts) -> bool:
    """Whether mail to the customer came back."""
    return invoice.custom_fields.get("email_bounced") == "true"


def promise_ahead(invoice: InvoiceFacts) -> date | None:
    """The promised day, unless it has passed."""
    day = day_of(invoice.custom_fields.get("promised_date"))
    return day if day is not None and day >= invoice.today else None


def attempts_on(facts: Facts) -> list[PaymentAttempt]:
    """Payment attempts on the invoice: those that name it, and those of its exact amount that name none."""
    invoice = facts.invoice
    return [
        one
        for one in facts.history.attempts
        if one.invoice_record_id == invoice.record_id
        or (
            one.invoice_record_id is None
            and (one.currency, one.amount) == (invoice.currency, invoice.balance)
            and one.at >= invoice.created_at
        )
    ]


def number(text: str | None) -> int:
    """A count in a custom field; 0 when there is none."""
    return int(text) if text and text.isdecimal() else 0


def day_of(text: str | None) -> date | None:
    """A day in a custom field; None when there is none or it is no ISO date."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
