"""What is typed into the fields becomes parameters exactly, and verdicts stand beside the field they are about."""

import pytest

from backend.schemas.proposals import Field, RevisionAnswer, Verdict
from tests.unit.ui import wire
from ui.editing import EditField, edit_fields, judged, parameters, typed

PRESENT: dict[str, object] = {"amount": 12_000, "memo": "Paid twice", "email": None, "address": {}}


def fields(currency: str = "EUR", exponent: int = 2) -> list[EditField]:
    amount = Field(
        name="amount",
        label="Amount",
        kind="money",
        value=12_000,
        choices=[],
        currency=currency,
        exponent=exponent,
    )
    memo = Field(name="memo", label="Memo", kind="text", value="Paid twice", choices=[])
    email = Field(name="email", label="E-mail", kind="text", value=None, choices=[])
    return edit_fields(wire.card(fields=[amount, memo, email]))


def answer(*verdicts: Verdict, **changed: object) -> RevisionAnswer:
    given: dict[str, object] = {
        "verdicts": list(verdicts),
        "passed": all(one.passed for one in verdicts),
        "sentence": None,
        "changes": [],
        "risk": None,
        "policy_reason": None,
        "proposal": None,
    }
    return RevisionAnswer(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "exponent", "shown"),
    [("EUR", 2, "120.00"), ("JPY", 0, "12,000"), ("KWD", 3, "12.000")],
)
def test_money_when_shown_then_has_the_decimals_of_its_currency(
    currency: str, exponent: int, shown: str
) -> None:
    assert fields(currency, exponent)[0].text == shown


def test_parameters_when_one_field_is_typed_into_then_all_others_stay_as_they_are() -> None:
    wanted, read = parameters(PRESENT, typed(fields(), "amount", "99.9"))

    assert wanted == PRESENT | {"amount": 9_990}
    assert [one.error for one in read] == ["", "", ""]


def test_parameters_when_the_same_is_typed_otherwise_then_nothing_changes() -> None:
    same = typed(typed(fields(), "amount", "120"), "email", " ")

    assert parameters(PRESENT, same)[0] == PRESENT


def test_parameters_when_an_amount_cannot_be_read_then_its_field_says_why_and_keeps_the_text() -> (
    None
):
    wanted, read = parameters(PRESENT, typed(fields(), "amount", "12.345"))

    assert wanted == PRESENT
    assert (read[0].text, read[0].error) == ("12.345", "EUR has 2 decimals.")


def test_verdict_when_it_names_a_field_then_it_stands_there_and_else_beside_what_was_typed() -> (
    None
):
    shape = Verdict(
        level="L0",
        passed=False,
        messages=["parameters of stripe.x: Expected `str` of length >= 1 - at `$.memo`"],
    )
    rules = Verdict(level="L2", passed=False, messages=["Only EUR 10.00 is left to pay."])

    beside, preview = judged(answer(shape, rules), fields(), "amount")

    assert [one.error for one in beside] == [
        "Only EUR 10.00 is left to pay.",
        "Expected str of length >= 1.",
        "",
    ]
    assert (preview.state, preview.problem) == ("refused", "")


def test_preview_when_the_edit_passes_then_it_shows_sentence_changes_and_risk() -> None:
    line = wire.change("Balance", "money", wire.eur(36_000), wire.eur(26_000))
    passed = Verdict(level="L2", passed=True, messages=[])

    _, preview = judged(
        answer(passed, sentence="Credit EUR 100.00", changes=[line], risk=31), fields(), "amount"
    )

    assert (preview.state, preview.sentence, preview.risk) == ("passed", "Credit EUR 100.00", "31")
    assert [change.after for change in preview.changes] == ["EUR\u00a0260.00"]
