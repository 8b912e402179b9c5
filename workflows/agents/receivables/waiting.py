"""The offline rules that leave the invoice alone for now, each with its reason."""

from workflows.agents.receivables.models import Answer
from workflows.agents.receivables.wording import (
    Facts,
    attempts_on,
    bounced,
    capital,
    day_of,
    in_days,
    lateness,
    money,
    nothing,
    number,
    on_invoice,
    on_payments,
    promise_ahead,
)

_REST_AFTER_REMINDER = 7
_PROMPT_AT_MOST = 3
_PATIENCE = 5
_ENOUGH_HISTORY = 3
_REJECTION_HOLDS = 14


def closed(facts: Facts) -> Answer | None:
    """Only an open invoice can be worked on."""
    invoice = facts.invoice
    if invoice.status == "open" and invoice.balance > 0:
        return None
    return nothing(
        f"the invoice is {invoice.status}",
        f"Invoice {invoice.number} is {invoice.status} with {money(facts, invoice.balance)} to pay. "
        "There is nothing left to bring in.",
        [on_invoice(facts, f"is {invoice.status}")],
        0.99,
    )


def promised(facts: Facts) -> Answer | None:
    """The customer has named a day that lies ahead."""
    day = promise_ahead(facts.invoice)
    if day is None:
        return None
    return nothing(
        f"payment is promised for {day.isoformat()}",
        f"{facts.customer.name} has promised to pay {facts.invoice.number} on {day.isoformat()}. "
        "A reminder before that day would only annoy.",
        [on_invoice(facts, f"payment promised for {day.isoformat()}")],
        0.93,
    )


def paid_meanwhile(facts: Facts) -> Answer | None:
    """A declined payment was made good by a later one."""
    newest = max(attempts_on(facts), key=lambda attempt: attempt.at, default=None)
    if newest is None or newest.status != "succeeded" or newest.amount < facts.invoice.balance:
        return None
    return nothing(
        "a later payment went through",
        f"A payment of {money(facts, newest.amount)} for {facts.invoice.number} went through on "
        f"{newest.at.date().isoformat()} after an earlier one was declined.",
        [on_payments(facts, "a later payment went through")],
        0.9,
    )


def just_reminded(facts: Facts) -> Answer | None:
    """The last reminder is too fresh for another one."""
    last = day_of(facts.invoice.custom_fields.get("last_reminder_on"))
    if last is None:
        return None
    days = (facts.invoice.today - last).days
    if days >= _REST_AFTER_REMINDER:
        return None
    return nothing(
        f"reminded {in_days(days)} ago",
        f"The last reminder for {facts.invoice.number} went out on {last.isoformat()}, {in_days(days)} ago. "
        f"The customer gets {_REST_AFTER_REMINDER} days to react.",
        [on_invoice(facts, f"last reminder on {last.isoformat()}")],
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
    return nothing(
        f"a prompt payer, {in_days(late)} late",
        f"{facts.customer.name} has paid {history.paid_invoices} invoices, usually {lateness(usual)}. "
        f"{facts.invoice.number} is only {in_days(late)} late; it is worth waiting until {_PATIENCE} days have passed.",
        [
            on_payments(facts, f"{history.paid_invoices} invoices paid, usually {lateness(usual)}"),
            on_invoice(facts, f"{in_days(late)} overdue"),
        ],
        0.88,
    )


def unreachable(facts: Facts) -> Answer | None:
    """A reminder would not arrive, or enough went out."""
    invoice = facts.invoice
    reminders = number(invoice.custom_fields.get("reminders_sent"))
    if bounced(invoice):
        why = "mail to the customer comes back"
    elif reminders >= invoice.limits.reminders_max:
        why = f"{reminders} reminders went out already"
    else:
        return None
    return nothing(
        why,
        f"Another reminder for {invoice.number} makes no sense: {why}, and it is too early to write it off after "
        f"{in_days(invoice.days_overdue)}. A person should call {facts.customer.name}.",
        [on_invoice(facts, why)],
        0.75,
    )


def give_up(facts: Facts) -> Answer | None:
    """What is left when every other answer was refused."""
    refusals = " ".join(f"{capital(refusal)}." for refusal in facts.refusals)
    return nothing(
        facts.refusals[-1] if facts.refusals else "no allowed action fits",
        f"Nothing that this playbook may do fits {facts.invoice.number}. {refusals}".strip(),
        [on_invoice(facts, "no allowed action fits")],
        0.5,
    )


def unless_rejected(facts: Facts, answer: Answer) -> Answer:
    """The answer, or nothing: what a person has lately rejected for this invoice is not asked again."""
    last = next((r for r in facts.invoice.refusals if r.action == answer.action), None)
    if last is None or last.days_ago >= _REJECTION_HOLDS:
        return answer
    ago = in_days(last.days_ago)
    return nothing(
        f"{last.by} rejected this {ago} ago",
        f"{capital(answer.summary)}, but {last.by} rejected the same for {facts.invoice.number} "
        f'{ago} ago: "{last.reason}" It is not asked again within {in_days(_REJECTION_HOLDS)}.',
        [on_invoice(facts, f"rejected by {last.by}")],
        0.9,
    )
