"""What collecting has left on an invoice: reminders, promises and disputes from its custom fields."""

from datetime import date

from backend.connectors.records import Invoice
from backend.core.clock import now

REMINDERS_SENT = "reminders_sent"
PROMISED_DATE = "promised_date"
DISPUTED_AMOUNT = "disputed_amount"


def days_overdue(invoice: Invoice) -> int:
    """Whole days since the due date in UTC; 0 when it is not overdue or has no due date."""
    if invoice.due_date is None:
        return 0
    return max((now().date() - invoice.due_date).days, 0)


def reminders_sent(invoice: Invoice) -> int:
    """How many reminders the record counts."""
    return _count(invoice, REMINDERS_SENT)


def open_dispute(invoice: Invoice) -> int:
    """What the customer disputes and no credit note has taken off yet, in minor units."""
    return max(_count(invoice, DISPUTED_AMOUNT) - invoice.credited, 0)


def open_promise(invoice: Invoice) -> str | None:
    """The day for which payment is promised, unless it has passed.

    A promise that is no ISO date is given as it stands: only a person can say when it ends.
    """
    promised = invoice.custom_fields.get(PROMISED_DATE)
    if not promised:
        return None
    try:
        has_passed = date.fromisoformat(promised) < now().date()
    except ValueError:
        return promised
    return None if has_passed else promised


def _count(invoice: Invoice, field: str) -> int:
    text = invoice.custom_fields.get(field, "")
    return int(text) if text.isdecimal() else 0
