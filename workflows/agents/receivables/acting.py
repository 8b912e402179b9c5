"""The offline rules that change something: void a duplicate, credit, write off, remind."""

from datetime import date, timedelta

from workflows.agents.answers import Evidence
from workflows.agents.invoice_facts import InvoiceFacts, LineFacts
from workflows.agents.receivables.facts import SimilarInvoice
from workflows.agents.receivables.models import (
    Answer,
    CreditNote,
    MarkUncollectible,
    SendReminder,
    VoidDuplicate,
)
from workflows.agents.receivables.wording import (
    PLAN,
    Facts,
    attempts_on,
    bounced,
    in_days,
    lateness,
    money,
    nothing,
    number,
    on_customer,
    on_invoice,
    on_payments,
    promise_ahead,
)

_TWICE_WITHIN = timedelta(hours=2)


def duplicate(facts: Facts) -> Answer | None:
    """The same delivery was billed by an invoice made shortly before, and nothing was paid on this one."""
    invoice = facts.invoice
    original = next((one for one in facts.similar.invoices if _is_original(invoice, one)), None)
    if original is None or invoice.balance + invoice.credited != invoice.total:
        return None
    minutes = round((invoice.created_at - original.created_at).total_seconds() / 60)
    paid = "paid" if original.status == "paid" else "open"
    return VoidDuplicate(
        plan=PLAN,
        summary=f"bills the same delivery as {original.number}",
        reasoning=(
            f"{invoice.number} repeats {original.number}, which was made {minutes} minutes earlier: the same lines, "
            f"the same periods and the same total of {money(facts, invoice.total)}. {original.number} is {paid} and "
            f"stays; nothing was paid on {invoice.number}, so it can be voided without moving money."
        ),
        evidence=[
            on_invoice(facts, f"same lines, periods and total as {original.number}"),
            Evidence(
                kind="invoice",
                record_id=original.record_id,
                claim=f"made {minutes} minutes earlier and {paid}",
            ),
        ],
        confidence=0.97,
        duplicate_of=original.record_id,
    )


def contested(facts: Facts) -> Answer | None:
    """The customer contests an amount that has not been credited."""
    invoice = facts.invoice
    amount = number(invoice.custom_fields.get("disputed_amount"))
    if amount <= invoice.credited or not invoice.memo:
        return None
    amount = min(amount - invoice.credited, invoice.balance)
    limit = invoice.limits.credit_note_max
    claim = on_invoice(facts, f"the customer contests {money(facts, amount)}")
    complaint = f'The customer wrote on {invoice.number}: "{invoice.memo}"'
    if amount > limit:
        return nothing(
            "the contested amount is above the limit for credit notes",
            f"{complaint} The contested {money(facts, amount)} are above the {money(facts, limit)} that this "
            "playbook may credit. A person has to settle this with the customer.",
            [claim],
            0.8,
        )
    return CreditNote(
        plan=PLAN,
        summary=f"the customer contests {money(facts, amount)} of it",
        reasoning=(
            f"{complaint} Nothing of this was credited so far. {money(facts, amount)} are within the limit of "
            f"{money(facts, limit)} and leave {money(facts, invoice.balance - amount)} to be paid."
        ),
        evidence=[claim, on_customer(facts, "is the customer who complained")],
        confidence=0.86,
        amount=amount,
        reason="product_unsatisfactory",
        memo=f"Credit for the contested part of invoice {invoice.number}",
    )


def lost(facts: Facts) -> Answer | None:
    """Long overdue, reminded often enough, mail comes back, and no promise is open."""
    invoice, limits = facts.invoice, facts.invoice.limits
    reminders = number(invoice.custom_fields.get("reminders_sent"))
    if (
        invoice.days_overdue <= limits.uncollectible_after_days
        or reminders < limits.reminders_max
        or not bounced(invoice)
        or promise_ahead(invoice) is not None
    ):
        return None
    broken = invoice.custom_fields.get("promised_date")
    promise = f" The promise to pay on {broken} was not kept." if broken else ""
    return MarkUncollectible(
        plan=PLAN,
        summary=f"{invoice.days_overdue} days overdue and the customer cannot be reached",
        reasoning=(
            f"{invoice.number} is {invoice.days_overdue} days overdue, {reminders} reminders went out and mail to "
            f"{facts.customer.name} comes back.{promise} {money(facts, invoice.balance)} will not be paid; writing "
            "it off keeps the books honest, and a late payment can still be booked."
        ),
        evidence=[
            on_invoice(facts, f"{invoice.days_overdue} days overdue after {reminders} reminders"),
            on_customer(facts, "mail to the customer comes back"),
        ],
        confidence=0.9,
    )


def remind(facts: Facts) -> Answer | None:
    """Nothing speaks against a reminder."""
    invoice, history = facts.invoice, facts.history
    sentences = [
        f"{invoice.number} over {money(facts, invoice.balance)} is {in_days(invoice.days_overdue)} overdue."
    ]
    evidence = [on_invoice(facts, f"{in_days(invoice.days_overdue)} overdue, still open")]
    declined = sum(one.status == "failed" for one in attempts_on(facts))
    if declined:
        what = "A payment was" if declined == 1 else f"{declined} payments were"
        sentences.append(f"{what} declined; the mail lets the customer pay in another way.")
        evidence.append(on_payments(facts, f"declined payments: {declined}"))
    elif history.usual_days_late is not None:
        sentences.append(_habit(facts.customer.name, history.usual_days_late))
        evidence.append(on_payments(facts, f"usually pays {lateness(history.usual_days_late)}"))
    if invoice.credited:
        sentences.append(f"{money(facts, invoice.credited)} of it were credited; the rest is due.")
    sent = number(invoice.custom_fields.get("reminders_sent"))
    if sent:
        sentences.append(f"{sent} of {invoice.limits.reminders_max} reminders went out so far.")
    return SendReminder(
        plan=PLAN,
        summary=f"{in_days(invoice.days_overdue)} overdue, no reason to wait",
        reasoning=" ".join(sentences),
        evidence=evidence,
        confidence=0.8 if declined or history.usual_days_late is not None else 0.7,
    )


def _habit(customer: str, usual: int) -> str:
    if usual <= 0:
        return f"{customer} usually pays {lateness(usual)}, so this one may have been overlooked."
    return f"{customer} usually pays {lateness(usual)}; a reminder brings that forward."


def _is_original(invoice: InvoiceFacts, other: SimilarInvoice) -> bool:
    apart = invoice.created_at - other.created_at
    return (
        timedelta(0) < apart <= _TWICE_WITHIN
        and other.status in ("open", "paid")
        and (other.currency, other.total) == (invoice.currency, invoice.total)
        and _delivered(other.lines) == _delivered(invoice.lines)
    )


def _delivered(lines: list[LineFacts]) -> list[tuple[str, int, date | None, date | None]]:
    return sorted(
        ((one.description, one.amount, one.period_start, one.period_end) for one in lines),
        key=str,
    )
