"""The offline rules: which answers fit the facts, the best first. Pure; every reason comes from the facts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from backend.core.money import Money
from workflows.agents.receivables.facts import (
    CustomerFacts,
    InvoiceFacts,
    LineFacts,
    PaymentHistory,
    SimilarInvoice,
    SimilarInvoices,
)
from workflows.agents.receivables.models import (
    Answer,
    CreditNote,
    Evidence,
    MarkUncollectible,
    Nothing,
    SendReminder,
    VoidDuplicate,
)

PLAN = [
    "Read the invoice as it is now, its customer, their payment history and similar invoices.",
    "Look for a duplicate, a contested amount, a debt that is lost, and reasons to wait.",
    "Choose the first that the facts bear out; remind when none does.",
]
_TWICE_WITHIN = timedelta(hours=2)
_REST_AFTER_REMINDER = 7
_PROMPT_AT_MOST = 3
_PATIENCE = 5
_ENOUGH_HISTORY = 3
_REJECTION_HOLDS = 14


@dataclass(frozen=True)
class Facts:
    """Everything that the tools have told."""

    invoice: InvoiceFacts
    customer: CustomerFacts
    history: PaymentHistory
    similar: SimilarInvoices
    refusals: tuple[str, ...] = ()


def answers(facts: Facts) -> Iterator[Answer]:
    """Every answer that fits, the best first. The last is always to do nothing."""
    for rule in _RULES:
        answer = rule(facts)
        if answer is not None:
            yield _unless_rejected(facts, answer)


def closed(facts: Facts) -> Answer | None:
    """Only an open invoice can be worked on."""
    invoice = facts.invoice
    if invoice.status == "open" and invoice.balance > 0:
        return None
    return _nothing(
        f"the invoice is {invoice.status}",
        f"Invoice {invoice.number} is {invoice.status} with {_money(facts, invoice.balance)} to pay. "
        "There is nothing left to bring in.",
        [_on_invoice(facts, f"is {invoice.status}")],
        0.99,
    )


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
            f"the same periods and the same total of {_money(facts, invoice.total)}. {original.number} is {paid} and "
            f"stays; nothing was paid on {invoice.number}, so it can be voided without moving money."
        ),
        evidence=[
            _on_invoice(facts, f"same lines, periods and total as {original.number}"),
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
    amount = _number(invoice.custom_fields.get("disputed_amount"))
    if amount <= invoice.credited or not invoice.memo:
        return None
    amount = min(amount - invoice.credited, invoice.balance)
    limit = invoice.limits.credit_note_max
    claim = _on_invoice(facts, f"the customer contests {_money(facts, amount)}")
    complaint = f'The customer wrote on {invoice.number}: "{invoice.memo}"'
    if amount > limit:
        return _nothing(
            "the contested amount is above the limit for credit notes",
            f"{complaint} The contested {_money(facts, amount)} are above the {_money(facts, limit)} that this "
            "playbook may credit. A person has to settle this with the customer.",
            [claim],
            0.8,
        )
    return CreditNote(
        plan=PLAN,
        summary=f"the customer contests {_money(facts, amount)} of it",
        reasoning=(
            f"{complaint} Nothing of this was credited so far. {_money(facts, amount)} are within the limit of "
            f"{_money(facts, limit)} and leave {_money(facts, invoice.balance - amount)} to be paid."
        ),
        evidence=[claim, _on_customer(facts, "is the customer who complained")],
        confidence=0.86,
        amount=amount,
        reason="product_unsatisfactory",
        memo=f"Credit for the contested part of invoice {invoice.number}",
    )


def lost(facts: Facts) -> Answer | None:
    """Long overdue, reminded often enough, mail comes back, and no promise is open."""
    invoice, limits = facts.invoice, facts.invoice.limits
    reminders = _number(invoice.custom_fields.get("reminders_sent"))
    if (
        invoice.days_overdue <= limits.uncollectible_after_days
        or reminders < limits.reminders_max
        or not _bounced(invoice)
        or _promise_ahead(invoice) is not None
    ):
        return None
    broken = invoice.custom_fields.get("promised_date")
    promise = f" The promise to pay on {broken} was not kept." if broken else ""
    return MarkUncollectible(
        plan=PLAN,
        summary=f"{invoice.days_overdue} days overdue and the customer cannot be reached",
        reasoning=(
            f"{invoice.number} is {invoice.days_overdue} days overdue, {reminders} reminders went out and mail to "
            f"{facts.customer.name} comes back.{promise} {_money(facts, invoice.balance)} will not be paid; writing "
            "it off keeps the books honest, and a late payment can still be booked."
        ),
        evidence=[
            _on_invoice(facts, f"{invoice.days_overdue} days overdue after {reminders} reminders"),
            _on_customer(facts, "mail to the customer comes back"),
        ],
        confidence=0.9,
    )


def promised(facts: Facts) -> Answer | None:
    """The customer has named a day that lies ahead."""
    day = _promise_ahead(facts.invoice)
    if day is None:
        return None
    return _nothing(
        f"payment is promised for {day.isoformat()}",
        f"{facts.customer.name} has promised to pay {facts.invoice.number} on {day.isoformat()}. "
        "A reminder before that day would only annoy.",
        [_on_invoice(facts, f"payment promised for {day.isoformat()}")],
        0.93,
    )


def paid_meanwhile(facts: Facts) -> Answer | None:
    """A declined payment was made good by a later one."""
    mine = [p for p in facts.history.attempts if p.invoice_record_id == facts.invoice.record_id]
    newest = max(mine, key=lambda attempt: attempt.at, default=None)
    if newest is None or newest.status != "succeeded" or newest.amount < facts.invoice.balance:
        return None
    return _nothing(
        "a later payment went through",
        f"A payment of {_money(facts, newest.amount)} for {facts.invoice.number} went through on "
        f"{newest.at.date().isoformat()} after an earlier one was declined.",
        [_on_payments(facts, "a later payment went through")],
        0.9,
    )


def just_reminded(facts: Facts) -> Answer | None:
    """The last reminder is too fresh for another one."""
    last = _date(facts.invoice.custom_fields.get("last_reminder_on"))
    if last is None:
        return None
    days = (facts.invoice.today - last).days
    if days >= _REST_AFTER_REMINDER:
        return None
    return _nothing(
        f"reminded {_days(days)} ago",
        f"The last reminder for {facts.invoice.number} went out on {last.isoformat()}, {_days(days)} ago. "
        f"The customer gets {_REST_AFTER_REMINDER} days to react.",
        [_on_invoice(facts, f"last reminder on {last.isoformat()}")],
        0.9,
    )


def pays_anyway(facts: Facts) -> Answer | None:
    """A customer who always pays is a few days late."""
    history, late = facts.history, facts.invoice.days_overdue
    usual = history.usual_days_late
    if usual is None or history.paid_invoices < _ENOUGH_HISTORY:
        return None
    if usual > _PROMPT_AT_MOST or late > _PATIENCE:
        return None
    return _nothing(
        f"a prompt payer, {_days(late)} late",
        f"{facts.customer.name} has paid {history.paid_invoices} invoices, usually {_lateness(usual)}. "
        f"{facts.invoice.number} is only {_days(late)} late; it is worth waiting until {_PATIENCE} days have passed.",
        [
            _on_payments(
                facts, f"{history.paid_invoices} invoices paid, usually {_lateness(usual)}"
            ),
            _on_invoice(facts, f"{_days(late)} overdue"),
        ],
        0.88,
    )


def unreachable(facts: Facts) -> Answer | None:
    """A reminder would not arrive, or enough went out."""
    invoice = facts.invoice
    reminders = _number(invoice.custom_fields.get("reminders_sent"))
    if _bounced(invoice):
        why = "mail to the customer comes back"
    elif reminders >= invoice.limits.reminders_max:
        why = f"{reminders} reminders went out already"
    else:
        return None
    return _nothing(
        why,
        f"Another reminder for {invoice.number} makes no sense: {why}, and it is too early to write it off after "
        f"{_days(invoice.days_overdue)}. A person should call {facts.customer.name}.",
        [_on_invoice(facts, why)],
        0.75,
    )


def remind(facts: Facts) -> Answer | None:
    """Nothing speaks against a reminder."""
    invoice, history = facts.invoice, facts.history
    sentences = [
        f"{invoice.number} over {_money(facts, invoice.balance)} is {_days(invoice.days_overdue)} overdue."
    ]
    evidence = [_on_invoice(facts, f"{_days(invoice.days_overdue)} overdue, still open")]
    declined = sum(
        p.status == "failed" and p.invoice_record_id == invoice.record_id for p in history.attempts
    )
    if declined:
        sentences.append(
            "The card was declined; the reminder asks for another way to pay."
            if declined == 1
            else f"{declined} card payments were declined; the reminder asks for another way to pay."
        )
        evidence.append(_on_payments(facts, f"declined payments: {declined}"))
    elif history.usual_days_late is not None:
        sentences.append(
            f"{facts.customer.name} usually pays {_lateness(history.usual_days_late)}; a reminder brings that forward."
        )
        evidence.append(_on_payments(facts, f"usually pays {_lateness(history.usual_days_late)}"))
    sent = _number(invoice.custom_fields.get("reminders_sent"))
    if sent:
        sentences.append(f"{sent} of {invoice.limits.reminders_max} reminders went out so far.")
    return SendReminder(
        plan=PLAN,
        summary=f"{_days(invoice.days_overdue)} overdue, no reason to wait",
        reasoning=" ".join(sentences),
        evidence=evidence,
        confidence=0.8 if declined or history.usual_days_late is not None else 0.7,
    )


def give_up(facts: Facts) -> Answer | None:
    """What is left when every other answer was refused."""
    refusals = " ".join(f"{_capital(refusal)}." for refusal in facts.refusals)
    return _nothing(
        facts.refusals[-1] if facts.refusals else "no allowed action fits",
        f"Nothing that this playbook may do fits {facts.invoice.number}. {refusals}".strip(),
        [_on_invoice(facts, "no allowed action fits")],
        0.5,
    )


_RULES: tuple[Callable[[Facts], Answer | None], ...] = (
    closed,
    duplicate,
    contested,
    lost,
    promised,
    paid_meanwhile,
    just_reminded,
    pays_anyway,
    unreachable,
    remind,
    give_up,
)


def _unless_rejected(facts: Facts, answer: Answer) -> Answer:
    """What people have lately rejected for this invoice is not asked again."""
    rejected = [r for r in facts.invoice.refusals if r.action == answer.action]
    if not rejected or rejected[0].days_ago >= _REJECTION_HOLDS:
        return answer
    last = rejected[0]
    return _nothing(
        f"{last.by} rejected this {_days(last.days_ago)} ago",
        f"{answer.summary.capitalize()}, but {last.by} rejected the same for {facts.invoice.number} "
        f'{_days(last.days_ago)} ago: "{last.reason}" It is not asked again within {_REJECTION_HOLDS} days.',
        [_on_invoice(facts, f"rejected by {last.by}")],
        0.9,
    )


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


def _nothing(summary: str, reasoning: str, evidence: list[Evidence], confidence: float) -> Nothing:
    return Nothing(
        plan=PLAN, summary=summary, reasoning=reasoning, evidence=evidence, confidence=confidence
    )


def _on_invoice(facts: Facts, claim: str) -> Evidence:
    return Evidence(kind="invoice", record_id=facts.invoice.record_id, claim=claim)


def _on_customer(facts: Facts, claim: str) -> Evidence:
    return Evidence(kind="customer", record_id=facts.customer.record_id, claim=claim)


def _on_payments(facts: Facts, claim: str) -> Evidence:
    return Evidence(kind="payment_history", record_id=facts.history.customer_record_id, claim=claim)


def _money(facts: Facts, minor: int) -> str:
    return Money(facts.invoice.currency, minor).text()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _lateness(days: int) -> str:
    if days == 0:
        return "on the day it is due"
    return f"{_days(days)} late" if days > 0 else f"{_days(-days)} early"


def _bounced(invoice: InvoiceFacts) -> bool:
    return invoice.custom_fields.get("email_bounced") == "true"


def _promise_ahead(invoice: InvoiceFacts) -> date | None:
    day = _date(invoice.custom_fields.get("promised_date"))
    return day if day is not None and day >= invoice.today else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
