"""The offline rules, each beside the trap that looks like it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.workflows.scene import CREATED, LINES, TODAY, beside, facts
from workflows.agents.invoice_facts import RefusalFacts
from workflows.agents.receivables.facts import PaymentAttempt, PaymentHistory
from workflows.agents.receivables.judgement import answers
from workflows.agents.receivables.models import (
    Answer,
    CreditNote,
    MarkUncollectible,
    Nothing,
    SendReminder,
    VoidDuplicate,
)
from workflows.agents.receivables.wording import Facts

LOST = {"reminders_sent": "4", "email_bounced": "true"}
PROMPT = PaymentHistory("cus_1", 8, -2, [], [])
SLOW = PaymentHistory("cus_1", 8, 21, [], [])


def best(scene: Facts) -> Answer:
    return next(answers(scene))


def attempt(status: str, days_ago: int) -> PaymentAttempt:
    moment = datetime(2026, 11, 24, tzinfo=UTC) - timedelta(days=days_ago)
    return PaymentAttempt("in_1", moment, 12_000, "EUR", status, None)


def test_plain_overdue_invoice_is_reminded_of() -> None:
    answer = best(facts())
    assert isinstance(answer, SendReminder)
    assert "EUR\N{NO-BREAK SPACE}120.00" in answer.reasoning
    assert [e.record_id for e in answer.evidence] == ["in_1"]


def test_twin_made_an_hour_earlier_makes_the_later_one_void() -> None:
    answer = best(beside(facts()))
    assert isinstance(answer, VoidDuplicate)
    assert answer.duplicate_of == "in_0"


@pytest.mark.parametrize(
    "difference",
    [
        {"lines": [replace(LINES[0], period_start=date(2026, 8, 1))]},
        {"created_at": CREATED - timedelta(days=30)},
        {"created_at": CREATED + timedelta(minutes=5)},
        {"status": "void"},
        {"total": 11_999},
        {"currency": "USD"},
    ],
    ids=["other period", "a month apart", "the later one", "void itself", "total", "currency"],
)
def test_invoice_that_only_resembles_is_not_voided(difference: dict[str, object]) -> None:
    assert not isinstance(best(beside(facts(), **difference)), VoidDuplicate)


def test_duplicate_on_which_something_was_paid_is_not_voided() -> None:
    assert not isinstance(best(beside(facts(balance=11_000))), VoidDuplicate)


def test_contested_amount_is_credited_within_the_limit() -> None:
    answer = best(facts(memo="It arrived damaged.", custom_fields={"disputed_amount": "4500"}))
    assert isinstance(answer, CreditNote)
    assert answer.amount == 4500
    assert "It arrived damaged." in answer.reasoning


@pytest.mark.parametrize(
    "invoice",
    [
        {"memo": "Thank you for replacing the damaged goods."},
        {"memo": "damaged", "custom_fields": {"disputed_amount": "4500"}, "credited": 4500},
    ],
    ids=["thanks", "credited already"],
)
def test_memo_without_an_open_dispute_brings_no_credit_note(invoice: dict[str, Any]) -> None:
    assert not isinstance(best(facts(**invoice)), CreditNote)


def test_contested_amount_above_the_limit_is_left_to_a_person() -> None:
    answer = best(facts(memo="All wrong.", custom_fields={"disputed_amount": "5001"}))
    assert isinstance(answer, Nothing)
    assert "above the limit" in answer.summary


def test_long_lost_invoice_is_written_off() -> None:
    broken = {**LOST, "promised_date": "2026-08-01"}
    for fields in (LOST, broken):
        assert isinstance(best(facts(days_overdue=200, custom_fields=fields)), MarkUncollectible)


@pytest.mark.parametrize(
    ("days", "fields"),
    [
        (180, LOST),
        (200, {"reminders_sent": "3", "email_bounced": "true"}),
        (200, {"reminders_sent": "4"}),
        (200, {**LOST, "promised_date": TODAY.isoformat()}),
    ],
    ids=["too early", "too few reminders", "mail arrives", "promised for today"],
)
def test_invoice_that_may_still_be_paid_is_not_written_off(
    days: int, fields: dict[str, str]
) -> None:
    answer = best(facts(days_overdue=days, custom_fields=fields))
    assert isinstance(answer, Nothing)


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        (facts(status="paid", balance=0), "the invoice is paid"),
        (facts(custom_fields={"promised_date": "2026-12-01"}), "promised for 2026-12-01"),
        (facts(custom_fields={"last_reminder_on": "2026-11-20"}), "reminded 4 days ago"),
        (facts(days_overdue=2, history=PROMPT), "a prompt payer, 2 days late"),
        (
            facts(history=replace(SLOW, attempts=[attempt("succeeded", 1), attempt("failed", 2)])),
            "a later payment went through",
        ),
    ],
    ids=["paid", "promise", "fresh reminder", "prompt payer", "paid after a decline"],
)
def test_reason_to_wait_is_given(scene: Facts, reason: str) -> None:
    answer = best(scene)
    assert isinstance(answer, Nothing)
    assert reason in answer.summary


@pytest.mark.parametrize(
    "scene",
    [
        facts(custom_fields={"last_reminder_on": "2026-11-17"}),
        facts(days_overdue=6, history=PROMPT),
        facts(days_overdue=4, history=SLOW),
        facts(history=replace(SLOW, attempts=[attempt("failed", 1)])),
        facts(custom_fields={"promised_date": "soon"}),
    ],
    ids=["a week ago", "patience is over", "slow payer", "declined", "no date"],
)
def test_nothing_to_wait_for_means_a_reminder(scene: Facts) -> None:
    assert isinstance(best(scene), SendReminder)


def test_declined_payments_are_told_also_when_they_name_no_invoice() -> None:
    unnamed = replace(attempt("failed", 1), invoice_record_id=None)
    other_amount = replace(unnamed, amount=1)
    scene = facts(history=replace(SLOW, attempts=[attempt("failed", 2), unnamed, other_amount]))
    assert "2 payments were declined" in best(scene).reasoning


def test_what_a_person_lately_rejected_is_not_asked_again() -> None:
    refused = RefusalFacts("stripe.invoice.send_reminder", "Ben", "they paid in cash", 3)
    answer = best(facts(refusals=[refused]))
    assert isinstance(answer, Nothing)
    assert "they paid in cash" in answer.reasoning
    assert isinstance(best(facts(refusals=[replace(refused, days_ago=14)])), SendReminder)


def test_planted_answer_of_demo_data_is_never_read() -> None:
    assert best(facts(custom_fields={"case": "uncollectible"})) == best(facts())
