"""The business rules of every action as tables: what the draft may not do, in words that a model can act on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import msgspec
import pytest

from backend.connectors.actions import Action, FieldChange, Inverse, Limits
from backend.connectors.records import Invoice, guard
from backend.connectors.stripe.catalog import ACTIONS
from backend.core.money import Money

Target: TypeAlias = Callable[[], Invoice]
"""Made by the test itself: a run may begin on one day and end on the next."""

BY_NAME = {action.name: action for action in ACTIONS}
REMIND = BY_NAME["stripe.invoice.send_reminder"]
CREDIT = BY_NAME["stripe.credit_note.create"]
WRITE_OFF = BY_NAME["stripe.invoice.mark_uncollectible"]
VOID = BY_NAME["stripe.invoice.void"]
MERGE = BY_NAME["stripe.customer.merge_details"]
VOID_CREDIT = BY_NAME["stripe.credit_note.void"]

LIMITS = Limits(credit_note_max=50_000, reminders_max=4, uncollectible_after_days=180)
CREDITED = {"credit_note": "cn_1", "amount": 400}
MEMO = {"reason": "order_change", "memo": "As agreed"}
EFFECT = "01a20c3b-93e9-7479-a887-7ad8104de44c"


def _day(days_from_now: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days_from_now)


def _overdue(days: int = 30, **changed: Any) -> Invoice:  # noqa: ANN401 - any field of an invoice
    invoice = Invoice(
        source_id="in_1",
        customer_source_id="cus_1",
        customer_name="Ada Ltd",
        number="INV-1",
        status="open",
        currency="EUR",
        total=100_000,
        balance=100_000,
        credited=0,
        issue_date=_day(-days - 30),
        due_date=_day(-days),
        paid_at=None,
        created_at=datetime.now(UTC),
        memo=None,
        lines=(),
    )
    return replace(invoice, **changed)


def _violations(action: Action, target: Invoice, parameters: dict[str, Any]) -> list[str]:
    return list(action.violations(target, msgspec.convert(parameters, action.parameters), LIMITS))


@pytest.mark.parametrize(
    ("action", "target", "parameters"),
    [
        (REMIND, lambda: _overdue(1), {}),
        (REMIND, lambda: _overdue(custom_fields={"reminders_sent": "3"}), {}),
        (REMIND, lambda: _overdue(custom_fields={"reminders_sent": "unknown"}), {}),
        (REMIND, lambda: _overdue(custom_fields={"promised_date": _day(-1).isoformat()}), {}),
        (REMIND, lambda: _overdue(credited=400, custom_fields={"disputed_amount": "400"}), {}),
        (CREDIT, _overdue, {"amount": 50_000, **MEMO}),
        (CREDIT, lambda: _overdue(balance=1), {"amount": 1, **MEMO}),
        (CREDIT, lambda: _overdue(-5), {"amount": 1, **MEMO}),
        (WRITE_OFF, lambda: _overdue(181, custom_fields={"reminders_sent": "4"}), {}),
        (VOID, _overdue, {"duplicate_of": "INV-2"}),
        (VOID, lambda: _overdue(-5), {"duplicate_of": "in_2"}),
        (VOID_CREDIT, lambda: _overdue(credited=400), CREDITED),
    ],
)
def test_what_keeps_to_the_rules_is_allowed(
    action: Action, target: Target, parameters: dict[str, Any]
) -> None:
    assert _violations(action, target(), parameters) == []


@pytest.mark.parametrize(
    ("action", "target", "parameters", "sentence"),
    [
        (REMIND, lambda: _overdue(status="paid"), {}, "The invoice is paid"),
        (REMIND, lambda: _overdue(balance=0), {}, "Nothing is left to pay"),
        (REMIND, lambda: _overdue(0), {}, "not overdue"),
        (REMIND, lambda: _overdue(due_date=None), {}, "not overdue"),
        (
            REMIND,
            lambda: _overdue(custom_fields={"reminders_sent": "4"}),
            {},
            "4 reminders were sent",
        ),
        (
            REMIND,
            lambda: _overdue(custom_fields={"promised_date": str(_day(0))}),
            {},
            "promised to pay",
        ),
        (
            REMIND,
            lambda: _overdue(custom_fields={"promised_date": "next week"}),
            {},
            "on next week",
        ),
        (REMIND, lambda: _overdue(custom_fields={"disputed_amount": "12345"}), {}, "123.45"),
        (CREDIT, lambda: _overdue(status="void"), {"amount": 1, **MEMO}, "The invoice is void"),
        (CREDIT, lambda: _overdue(balance=99), {"amount": 100, **MEMO}, "0.99 is left to pay"),
        (
            CREDIT,
            _overdue,
            {"amount": 50_001, **MEMO},
            "up to EUR\N{NO-BREAK SPACE}500.00",
        ),
        (WRITE_OFF, lambda: _overdue(181, status="void"), {}, "The invoice is void"),
        (WRITE_OFF, lambda: _overdue(181, balance=0), {}, "Nothing is left to pay"),
        (WRITE_OFF, lambda: _overdue(180), {}, "180 days overdue"),
        (
            WRITE_OFF,
            lambda: _overdue(181, custom_fields={"reminders_sent": "3"}),
            {},
            "3 reminders",
        ),
        (
            WRITE_OFF,
            lambda: _overdue(181, custom_fields={"promised_date": str(_day(9))}),
            {},
            "promised to pay",
        ),
        (VOID, lambda: _overdue(status="paid"), {"duplicate_of": "INV-2"}, "The invoice is paid"),
        (
            VOID,
            lambda: _overdue(balance=90_000),
            {"duplicate_of": "INV-2"},
            "part of it has been paid",
        ),
        (
            VOID,
            lambda: _overdue(balance=90_000, credited=10_000),
            {"duplicate_of": "INV-2"},
            "credit note",
        ),
        (VOID, _overdue, {"duplicate_of": "INV-1"}, "duplicate of itself"),
        (VOID, _overdue, {"duplicate_of": "in_1"}, "duplicate of itself"),
        (
            VOID_CREDIT,
            lambda: _overdue(status="paid", credited=400),
            CREDITED,
            "The invoice is paid",
        ),
        (VOID_CREDIT, lambda: _overdue(credited=399), CREDITED, "3.99 is credited"),
    ],
)
def test_what_breaks_a_rule_is_refused_in_words(
    action: Action, target: Target, parameters: dict[str, Any], sentence: str
) -> None:
    violations = _violations(action, target(), parameters)
    assert any(sentence in violation for violation in violations), violations


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        (CREDIT, {"amount": 0, **MEMO}),
        (CREDIT, {"amount": -5, **MEMO}),
        (CREDIT, {"amount": 1.5, **MEMO}),
        (CREDIT, {"amount": 1, "reason": "generosity", "memo": "x"}),
        (CREDIT, {"amount": 1, "reason": "duplicate", "memo": ""}),
        (CREDIT, {"amount": 1, "refund_amount": 1, **MEMO}),
        (VOID, {}),
        (REMIND, {"amount": 1}),
        (WRITE_OFF, {"invoice": "in_2"}),
    ],
)
def test_parameters_of_another_shape_are_no_draft(
    action: Action, parameters: dict[str, Any]
) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(parameters, action.parameters)


@pytest.mark.parametrize(
    ("action", "parameters", "sentence", "changes"),
    [
        (
            REMIND,
            {},
            "Send a payment reminder for EUR 1,000.00 on invoice INV-1",
            [FieldChange("reminder", "Payment reminder", "enum", "not sent", "sent")],
        ),
        (
            WRITE_OFF,
            {},
            "Write off EUR 1,000.00 on invoice INV-1",
            [FieldChange("status", "Status", "enum", "open", "uncollectible")],
        ),
        (
            VOID,
            {"duplicate_of": "INV-2"},
            "Void EUR 1,000.00 of invoice INV-1",
            [FieldChange("status", "Status", "enum", "open", "void")],
        ),
        (
            CREDIT,
            {"amount": 12_000, **MEMO},
            "Credit EUR 120.00 on invoice INV-1",
            [
                FieldChange(
                    "balance", "Balance", "money", Money("EUR", 100_000), Money("EUR", 88_000)
                ),
                FieldChange("credited", "Credited", "money", Money("EUR", 0), Money("EUR", 12_000)),
                FieldChange("credit_note.reason", "Reason", "enum", None, "order_change"),
                FieldChange(
                    "credit_note.memo", "Memo of the credit note", "text", None, "As agreed"
                ),
            ],
        ),
    ],
)
def test_the_words_and_changes_say_what_will_happen(
    action: Action, parameters: dict[str, Any], sentence: str, changes: list[FieldChange]
) -> None:
    target = _overdue()
    decoded = msgspec.convert(parameters, action.parameters)
    amount = action.amount(target, decoded)

    assert amount is not None
    words = f"{action.words.verb} {amount.text()} {action.words.join} {target.number}"
    assert words.replace("\N{NO-BREAK SPACE}", " ") == sentence
    assert list(action.changes(target, decoded)) == changes


def test_crediting_all_that_is_left_says_that_the_invoice_will_be_paid() -> None:
    parameters = msgspec.convert({"amount": 40_000, **MEMO}, CREDIT.parameters)
    changes = CREDIT.changes(_overdue(balance=40_000), parameters)
    assert FieldChange("status", "Status", "enum", "open", "paid") in changes


ON_INVOICES = [action for action in ACTIONS if action.target_kind == "invoice"]


@pytest.mark.parametrize("action", ON_INVOICES, ids=lambda action: action.name)
def test_a_proposal_rests_on_money_status_and_customer(action: Action) -> None:
    guarded = guard(_overdue(), action.guard_fields)
    assert {"status", "currency", "balance", "customer_source_id"} <= guarded.keys()


def test_the_credit_note_is_marked_with_the_effect() -> None:
    parameters = msgspec.convert({"amount": 12_000, **MEMO}, CREDIT.parameters)
    request = CREDIT.request(_overdue(), parameters, EFFECT)

    assert (request.method, request.path) == ("POST", "/v1/credit_notes")
    assert f"metadata%5Beffect_id%5D={EFFECT}" in request.body
    assert request == CREDIT.request(_overdue(), parameters, EFFECT)


def test_a_credit_note_is_undone_by_voiding_the_one_that_was_made() -> None:
    parameters = msgspec.convert({"amount": 12_000, **MEMO}, CREDIT.parameters)
    undo = CREDIT.inverse(parameters, "cn_7")

    assert undo == Inverse("stripe.credit_note.void", {"credit_note": "cn_7", "amount": 12_000})
    assert CREDIT.cannot_undo is None


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_action_has_an_inverse_that_exists_or_says_why_not(action: Action) -> None:
    given: dict[str, Any] = {CREDIT.name: {"amount": 1, **MEMO}, MERGE.name: {"duplicate": "cus_2"}}
    parameters = (
        msgspec.convert(given[action.name], action.parameters)
        if action.cannot_undo is None
        else None
    )
    undo = action.inverse(parameters, "object_1")

    if action.cannot_undo is not None:
        assert undo is None
    else:
        assert undo is not None
        inverse = next(one for one in ACTIONS if one.name == undo.action)
        assert inverse.target_kind == action.target_kind
        msgspec.convert(undo.parameters, inverse.parameters)
