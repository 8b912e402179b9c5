"""Runs in words: their state, what they cost, how long they took."""

from datetime import timedelta

import pytest

from backend.schemas.common import Cost, Money
from tests.unit.ui import wire
from ui.run_views import duration, run_page, steps_of


def test_run_when_nothing_was_spent_then_cost_is_a_dash_and_empty_inputs_are_left_out() -> None:
    page = run_page(wire.run([]))

    assert page.run.cost == "\N{EN DASH}"
    assert page.run.took == "28.5 s"
    assert page.inputs == "min days overdue 1"


def test_run_when_it_undoes_a_proposal_then_the_page_names_it_and_the_reason() -> None:
    undone = "01999999-0000-7000-8000-00000000abcd"

    page = run_page(wire.run([], inputs={"undoes": undone, "reason": "wrong invoice"}))

    assert (page.undoes, page.undone) == (undone, "P-00abcd")
    assert (page.because, page.inputs) == ("Wrong invoice.", "")


@pytest.mark.parametrize(
    ("unpriced", "shown"),
    [
        (0, "USD\u00a01.23"),
        (1, "USD\u00a01.23 and 1 call without a price"),
        (3, "USD\u00a01.23 and 3 calls without a price"),
    ],
)
def test_run_when_money_was_spent_then_cost_is_the_amount_and_what_it_lacks(
    unpriced: int, shown: str
) -> None:
    spend = Money(minor=123, currency="USD", exponent=2)
    used = Cost(
        input_tokens=9, output_tokens=9, model_calls=4, spend=spend, unpriced_calls=unpriced
    )

    assert run_page(wire.run([], cost=used)).run.cost == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("read_subject", "Read subject"),
        ("stripe.invoice.void", "stripe.invoice.void"),
        ("Check L0 to L2", "Check L0 to L2"),
    ],
)
def test_step_when_its_name_is_an_identifier_then_it_is_written_as_words(
    name: str, shown: str
) -> None:
    steps = [wire.step(0, "tool", 1, name=name)]

    assert steps_of(wire.run(steps))[0].name == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.004, "4 ms"), (2.6, "2.6 s"), (60, "1 min"), (667, "11 min 7 s"), (187200, "2 d 4 h")],
)
def test_duration_when_written_then_it_has_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("can", "reason", "shown"),
    [(True, None, ""), (False, "the run has ended", "The run has ended.")],
)
def test_run_when_it_cannot_be_cancelled_then_the_page_says_why(
    *, can: bool, reason: str | None, shown: str
) -> None:
    page = run_page(wire.run([], can_cancel=can, cannot_cancel_reason=reason))

    assert (page.can_cancel, page.cannot_cancel) == (can, shown)
