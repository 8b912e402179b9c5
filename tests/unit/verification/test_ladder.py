"""Each rung says what is wrong in a sentence that a model can act on, and a failed rung ends the climb."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.connectors.actions import Limits
from backend.connectors.records import Customer, Invoice
from backend.connectors.stripe.catalog import ACTIONS
from backend.verification.ladder import Allowed, Known, Verdict, climb, passed

NOW = datetime.now(UTC)
INVOICE = Invoice(
    source_id="in_2",
    customer_source_id="cus_1",
    customer_name="Brindlemoor GmbH",
    number="INV-1042",
    status="open",
    currency="EUR",
    total=36_000,
    balance=36_000,
    credited=0,
    issue_date=date(2025, 1, 1),
    due_date=date(2025, 1, 31),
    paid_at=None,
    created_at=NOW,
    memo=None,
    lines=(),
)
ORIGINAL = replace(
    INVOICE, source_id="in_1", number="INV-1041", created_at=datetime(2020, 1, 1, tzinfo=UTC)
)
BY_NAME = {action.name: action for action in ACTIONS}
ALLOWED = Allowed(tuple(BY_NAME), Limits(50_000, 4, 180), None)
KNOWN = Known(INVOICE, {"in_1": ORIGINAL}, frozenset({"in_1", "in_2", "cus_1"}))
CREDIT = {"amount": 12_000, "reason": "product_unsatisfactory", "memo": "Half arrived damaged"}


def judge(
    action: str,
    parameters: dict[str, Any],
    *,
    evidence: tuple[str, ...] = (),
    known: Known = KNOWN,
    allowed: Allowed = ALLOWED,
) -> list[Verdict]:
    return climb(BY_NAME.get(action), parameters, evidence, known, allowed)


def test_draft_when_everything_is_right_then_all_three_rungs_pass() -> None:
    verdicts = judge("stripe.credit_note.create", CREDIT, evidence=("in_2", "cus_1"))
    assert [v.level for v in verdicts] == ["L0", "L1", "L2"]
    assert passed(verdicts)


@pytest.mark.parametrize(
    ("action", "parameters", "level", "said"),
    [
        ("stripe.refund.create", {}, "L0", "use one of stripe."),
        ("stripe.credit_note.create", {**CREDIT, "amount": "12"}, "L0", "`$.amount`"),
        ("stripe.credit_note.create", {**CREDIT, "amount": 0}, "L0", "`$.amount`"),
        ("stripe.credit_note.create", {**CREDIT, "to": "me"}, "L0", "`to`"),
        ("stripe.invoice.void", {"duplicate_of": "in_9"}, "L1", "in_9"),
        ("stripe.credit_note.create", {**CREDIT, "amount": 36_001}, "L2", "left to pay"),
    ],
)
def test_draft_when_a_rung_fails_then_the_climb_ends_with_a_precise_sentence(
    action: str, parameters: dict[str, Any], level: str, said: str
) -> None:
    verdicts = judge(action, parameters)
    assert (verdicts[-1].level, verdicts[-1].passed) == (level, False)
    assert said in " ".join(verdicts[-1].messages)
    assert all(verdict.passed for verdict in verdicts[:-1])


def test_evidence_when_it_cites_a_record_of_somebody_else_then_refused() -> None:
    verdicts = judge("stripe.credit_note.create", CREDIT, evidence=("in_2", "cus_other"))
    assert verdicts[-1].level == "L1"
    assert "cus_other" in verdicts[-1].messages[0]


def test_action_when_it_changes_another_kind_of_record_then_refused() -> None:
    customer = Customer(
        source_id="cus_1",
        name="Brindlemoor GmbH",
        email=None,
        phone=None,
        currency="EUR",
        is_active=True,
        created_at=NOW,
    )
    verdicts = judge("stripe.credit_note.create", CREDIT, known=replace(KNOWN, record=customer))
    assert verdicts[-1].level == "L1"
    assert "of kind invoice, not of kind customer" in verdicts[-1].messages[0]


def test_action_when_the_playbook_does_not_list_it_then_refused() -> None:
    allowed = replace(ALLOWED, actions=("stripe.invoice.send_reminder",))
    verdicts = judge("stripe.credit_note.create", CREDIT, allowed=allowed)
    assert verdicts[-1].level == "L1"
    assert "may not propose" in verdicts[-1].messages[0]


def test_record_when_another_proposal_is_open_on_it_then_refused() -> None:
    allowed = replace(ALLOWED, open_proposal="Void EUR 360.00 of invoice INV-1042")
    verdicts = judge("stripe.credit_note.create", CREDIT, allowed=allowed)
    assert verdicts[-1].messages == (
        "another open proposal concerns the same record: Void EUR 360.00 of invoice INV-1042",
    )


@pytest.mark.parametrize(
    ("original", "said"),
    [
        (replace(ORIGINAL, total=35_000), "another total"),
        (replace(ORIGINAL, status="void"), "is void itself"),
        (replace(ORIGINAL, created_at=datetime(2099, 1, 1, tzinfo=UTC)), "later of the two"),
    ],
)
def test_void_when_the_other_invoice_is_no_twin_then_refused(original: Invoice, said: str) -> None:
    known = replace(KNOWN, siblings={"in_1": original})
    verdicts = judge("stripe.invoice.void", {"duplicate_of": "in_1"}, known=known)
    assert verdicts[-1].level == "L2"
    assert said in " ".join(verdicts[-1].messages)
