"""The offline rules of the agent for failed payments: charge again, ask for another card, or wait with the reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.connectors.base import Payment
from backend.connectors.records import Customer, Invoice
from backend.playbooks import failed_payments
from backend.proposals.memory import Memory, Refusal
from workflows.agents.invoice_facts import of_invoice
from workflows.agents.payments.facts import of_attempts, of_payer
from workflows.agents.payments.judgement import Case, answers
from workflows.agents.payments.models import Answer, AskForAnotherCard, ChargeAgain, Nothing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEFINITION = failed_payments.definition("rules:default")
INVOICE = Invoice(
    source_id="in_1",
    customer_source_id="cus_1",
    customer_name="Halvorsen Marine",
    number="HM-0001",
    status="open",
    currency="EUR",
    total=12_000,
    balance=12_000,
    credited=0,
    issue_date=NOW.date(),
    due_date=NOW.date() + timedelta(days=10),
    paid_at=None,
    created_at=NOW - timedelta(days=20),
    memo=None,
    lines=(),
    payment_attempts=1,
)
PAYER = Customer(
    source_id="cus_1",
    name="Halvorsen Marine",
    email="billing@halvorsen.example",
    phone=None,
    currency="EUR",
    is_active=True,
    created_at=NOW,
    has_card=True,
)
DAYS_4 = 96


def declined(code: str, hours: int = DAYS_4, **changed: Any) -> Payment:  # noqa: ANN401
    """A charge for the invoice that failed so many hours ago."""
    charge = Payment(
        source_id=f"ch_{hours}",
        invoice_source_id=None,
        at=NOW - timedelta(hours=hours),
        amount=12_000,
        currency="EUR",
        status="failed",
        failure="Your card was declined.",
        failure_code=code,
    )
    return replace(charge, **changed)


def best(
    *payments: Payment,
    invoice: Invoice = INVOICE,
    has_card: bool = True,
    refusals: Sequence[Refusal] = (),
) -> Answer:
    """The first answer about the invoice after these charges."""
    counted = replace(invoice, payment_attempts=max(invoice.payment_attempts, len(payments)))
    facts = of_invoice(counted, Memory([], refusals), NOW.date(), DEFINITION)
    payer = of_payer(replace(PAYER, has_card=has_card))
    return next(answers(Case(facts, payer, of_attempts(counted, payments, 4, NOW))))


@pytest.mark.parametrize(
    ("code", "hours"),
    [("insufficient_funds", 72), ("processing_error", 24), ("try_again_later", 90)],
)
def test_decline_when_it_passes_and_enough_time_has_gone_by_then_charged_again(
    code: str, hours: int
) -> None:
    answer = best(declined(code, hours))
    assert isinstance(answer, ChargeAgain)
    assert code.replace("_", " ") in answer.summary
    assert {one.record_id for one in answer.evidence} == {"in_1", "cus_1"}


@pytest.mark.parametrize(
    "code", ["expired_card", "lost_card", "stolen_card", "incorrect_number", "generic_decline"]
)
def test_decline_when_the_card_will_not_pay_then_asked_for_another(code: str) -> None:
    assert isinstance(best(declined(code, 2)), AskForAnotherCard)


def test_decline_when_it_passes_but_there_is_no_card_then_asked_for_another() -> None:
    answer = best(declined("insufficient_funds"), has_card=False)
    assert isinstance(answer, AskForAnotherCard)
    assert "no card to charge" in answer.reasoning


@pytest.mark.parametrize(
    ("payments", "changed", "reason"),
    [
        ([declined("insufficient_funds", 71)], {}, "too soon"),
        ([declined("insufficient_funds", h) for h in (300, 250, 200, 150)], {}, "charged 4 times"),
        (
            [declined("insufficient_funds")],
            {"custom_fields": {"promised_date": "2026-12-01"}},
            "promised",
        ),
        ([declined("expired_card")], {"custom_fields": {"disputed_amount": "2500"}}, "disputes"),
        ([declined("expired_card")], {"status": "paid"}, "is paid"),
        (
            [declined("insufficient_funds"), declined("", 3, status="succeeded", failure=None)],
            {},
            "went through",
        ),
        (
            [declined("expired_card")],
            {"custom_fields": {"last_reminder_on": "2026-11-22"}},
            "asked on",
        ),
        ([declined("expired_card")], {"custom_fields": {"reminders_sent": "4"}}, "4 reminders"),
        ([], {}, "no declined charge"),
    ],
)
def test_decline_when_it_is_better_to_wait_then_nothing_with_the_reason(
    payments: list[Payment], changed: dict[str, Any], reason: str
) -> None:
    answer = best(*payments, invoice=replace(INVOICE, **changed))
    assert isinstance(answer, Nothing)
    assert reason in answer.summary


def test_charge_when_a_person_rejected_it_lately_then_it_is_not_asked_again() -> None:
    refusal = Refusal("stripe.invoice.pay", "Ben", "Call first", NOW - timedelta(days=3))
    answer = best(declined("insufficient_funds"), refusals=[refusal])
    assert isinstance(answer, Nothing)
    assert answer.summary == "Ben rejected this 3 days ago"


def test_attempts_when_a_charge_names_another_invoice_then_it_does_not_count() -> None:
    other = declined("expired_card", 1, invoice_source_id="in_9")
    assert isinstance(best(declined("insufficient_funds"), other), ChargeAgain)
