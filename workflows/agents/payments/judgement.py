"""The offline rules: charge again after a decline that passes, ask for another card after one that does not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backend.core.money import Money
from workflows.agents.answers import Evidence
from workflows.agents.invoice_facts import InvoiceFacts
from workflows.agents.payments.facts import Attempt, Attempts, PayerFacts
from workflows.agents.payments.models import Answer, AskForAnotherCard, ChargeAgain, Nothing

PLAN = [
    "Read the invoice as it is now, its customer and every attempt to charge the card.",
    "Tell whether the last decline passes by itself or the card will never pay.",
    "Charge again when enough time has gone by, else ask for another card or wait.",
]
_WAIT_HOURS = {"processing_error": 24}
_WAIT_FOR_MONEY_HOURS = 72
_REST_AFTER_REMINDER_DAYS = 7
_REJECTION_HOLDS_DAYS = 14


@dataclass(frozen=True)
class Case:
    """Everything that the tools have told."""

    invoice: InvoiceFacts
    customer: PayerFacts
    attempts: Attempts
    refusals: tuple[str, ...] = ()

    @property
    def newest(self) -> Attempt | None:
        """The last attempt, as far as the vendor shows one."""
        return max(self.attempts.attempts, key=lambda one: one.at, default=None)


def answers(case: Case) -> Iterator[Answer]:
    """Every answer that fits, the best first. The last is always to do nothing."""
    for rule in (_closed, _paid, _no_decline, _promised, _disputed, _soft, _hard, _give_up):
        answer = rule(case)
        if answer is not None:
            yield _unless_rejected(case, answer)


def _closed(case: Case) -> Answer | None:
    invoice = case.invoice
    if invoice.status == "open" and invoice.balance > 0:
        return None
    return _nothing(
        case, f"the invoice is {invoice.status}", f"{invoice.number} is {invoice.status} by now."
    )


def _paid(case: Case) -> Answer | None:
    newest = case.newest
    if newest is None or newest.status != "succeeded" or newest.amount < case.invoice.balance:
        return None
    return _nothing(
        case,
        "a later payment went through",
        f"A payment of {_money(case)} for {case.invoice.number} went through on "
        f"{newest.at.date().isoformat()} after an earlier one was declined.",
    )


def _no_decline(case: Case) -> Answer | None:
    if case.newest is not None:
        return None
    return _nothing(
        case,
        "no declined charge can be found",
        f"{case.attempts.counted} attempts were counted for {case.invoice.number}, but Stripe shows none of them "
        "any more. Without the reason of the decline nothing can be concluded.",
    )


def _promised(case: Case) -> Answer | None:
    day = _day(case.invoice.custom_fields.get("promised_date"))
    if day is None or day < case.invoice.today:
        return None
    return _nothing(
        case,
        f"payment is promised for {day.isoformat()}",
        f"{case.customer.name} has promised to pay {case.invoice.number} on {day.isoformat()}.",
    )


def _disputed(case: Case) -> Answer | None:
    said = case.invoice.custom_fields.get("disputed_amount", "")
    contested = int(said) - case.invoice.credited if said.isdecimal() else 0
    if contested <= 0:
        return None
    amount = Money(case.invoice.currency, contested).text()
    return _nothing(
        case,
        f"the customer disputes {amount} of it",
        f"{case.customer.name} disputes {amount} of {case.invoice.number}. "
        "Charging the card now would make it worse; the dispute has to be settled first.",
    )


def _soft(case: Case) -> Answer | None:
    """A decline that passes: wait, then charge again, but not for ever."""
    newest = case.newest
    if newest is None or newest.kind != "soft":
        return None
    tried = f"The card was declined {_times(case)} for {case.invoice.number}, last {_ago(newest)}: {_said(newest)}"
    if case.attempts.counted >= case.attempts.charges_max:
        return _nothing(
            case,
            f"charged {case.attempts.counted} times already",
            f"{tried} The playbook allows {case.attempts.charges_max} attempts in all. "
            f"A person should call {case.customer.name}.",
        )
    wait = _WAIT_HOURS.get(newest.code or "", _WAIT_FOR_MONEY_HOURS)
    if newest.hours_ago < wait:
        return _nothing(
            case,
            f"declined {_ago(newest)}, too soon to try again",
            f"{tried} It is worth trying again {wait} hours after the decline.",
        )
    if not case.customer.has_card:
        return None
    return ChargeAgain(
        plan=PLAN,
        summary=f"{_words(newest)} {_ago(newest)}, time to try again",
        reasoning=(
            f"{tried} Such a decline passes by itself, and {wait} hours have gone by. "
            f"Charging {_money(case)} again may go through; if not, nothing changes."
        ),
        evidence=_evidence(case),
        confidence=0.85,
    )


def _hard(case: Case) -> Answer | None:
    """A decline that does not pass, or there is no card: only the customer can help."""
    newest, invoice = case.newest, case.invoice
    if newest is None:
        return None
    reminders = invoice.custom_fields.get("reminders_sent", "0")
    last = _day(invoice.custom_fields.get("last_reminder_on"))
    if last is not None and (invoice.today - last).days < _REST_AFTER_REMINDER_DAYS:
        return _nothing(
            case,
            f"asked on {last.isoformat()} already",
            f"{case.customer.name} was sent {invoice.number} on {last.isoformat()} and gets "
            f"{_REST_AFTER_REMINDER_DAYS} days to react.",
        )
    if reminders.isdecimal() and int(reminders) >= invoice.limits.reminders_max:
        return _nothing(
            case,
            f"{reminders} reminders went out already",
            f"Another mail for {invoice.number} makes no sense. A person should call {case.customer.name}.",
        )
    never = "This card will not pay" if newest.kind == "hard" else "Nothing says that it will pass"
    why = never if case.customer.has_card or newest.kind != "soft" else "There is no card to charge"
    return AskForAnotherCard(
        plan=PLAN,
        summary=f"{_words(newest)}: ask for another card",
        reasoning=(
            f"The card was declined {_times(case)} for {invoice.number}, last {_ago(newest)}: {_said(newest)} "
            f"{why}; the mail lets {case.customer.name} pay in another way."
        ),
        evidence=_evidence(case),
        confidence=0.9 if newest.kind == "hard" else 0.75,
    )


def _give_up(case: Case) -> Answer:
    said = " ".join(f"{refusal[:1].upper()}{refusal[1:].rstrip('.')}." for refusal in case.refusals)
    return _nothing(
        case,
        case.refusals[-1] if case.refusals else "no allowed action fits",
        f"Nothing that this playbook may do fits {case.invoice.number}. {said}".strip(),
    )


def _unless_rejected(case: Case, answer: Answer) -> Answer:
    last = next((one for one in case.invoice.refusals if one.action == answer.action), None)
    if last is None or last.days_ago >= _REJECTION_HOLDS_DAYS:
        return answer
    return _nothing(
        case,
        f"{last.by} rejected this {last.days_ago} days ago",
        f'{last.by} rejected the same for {case.invoice.number} {last.days_ago} days ago: "{last.reason}"',
    )


def _nothing(case: Case, summary: str, reasoning: str) -> Nothing:
    return Nothing(
        plan=PLAN, summary=summary, reasoning=reasoning, evidence=_evidence(case), confidence=0.85
    )


def _evidence(case: Case) -> list[Evidence]:
    newest = case.newest
    found = [
        Evidence(
            kind="invoice",
            record_id=case.invoice.record_id,
            claim=f"{_money(case)} open, charged {_times(case)}",
        )
    ]
    if newest is not None:
        outcome = _words(newest) if newest.status == "failed" else "went through"
        found.append(
            Evidence(
                kind="payment_attempts",
                record_id=case.attempts.customer_record_id,
                claim=f"last charge {_ago(newest)}: {outcome}",
            )
        )
    return found


def _money(case: Case) -> str:
    return Money(case.invoice.currency, case.invoice.balance).text()


def _times(case: Case) -> str:
    return "once" if case.attempts.counted == 1 else f"{case.attempts.counted} times"


def _ago(attempt: Attempt) -> str:
    days = attempt.hours_ago // 24
    if days == 0:
        return f"{attempt.hours_ago} hours ago"
    return "1 day ago" if days == 1 else f"{days} days ago"


def _words(attempt: Attempt) -> str:
    return (attempt.code or "declined").replace("_", " ")


def _said(attempt: Attempt) -> str:
    return f'"{attempt.words or _words(attempt)}"'


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
