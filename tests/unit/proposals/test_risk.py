"""The score is the sum of its reasons and stays within 0 and 100."""

import itertools

import pytest

from backend.connectors.stripe.catalog import ACTIONS
from backend.core.money import Money
from backend.proposals.risk import assess, band, score

CREDIT = next(a for a in ACTIONS if a.name == "stripe.credit_note.create")
REMINDER = next(a for a in ACTIONS if a.name == "stripe.invoice.send_reminder")


def test_score_when_any_input_then_the_sum_of_the_reasons_within_bounds() -> None:
    for action, share, confidence in itertools.product(ACTIONS, (0.0, 0.5, 1.0), (0.0, 0.9, 1.0)):
        reasons = assess(
            action, amount=Money("EUR", 5_000), share_below=share, confidence=confidence
        )
        assert score(reasons) == sum(reason.points for reason in reasons)
        assert 0 <= score(reasons) <= 100


def test_risk_when_the_amount_is_larger_than_most_then_higher() -> None:
    small = assess(CREDIT, amount=Money("EUR", 100), share_below=0.1, confidence=0.9)
    large = assess(CREDIT, amount=Money("EUR", 900_000), share_below=0.95, confidence=0.9)
    assert score(large) > score(small)


def test_risk_when_money_moves_then_higher_than_a_reminder() -> None:
    credit = assess(CREDIT, amount=Money("EUR", 5_000), share_below=0.5, confidence=0.9)
    reminder = assess(REMINDER, amount=Money("EUR", 5_000), share_below=0.5, confidence=0.9)
    assert score(credit) > score(reminder)


@pytest.mark.parametrize(
    ("points", "name"),
    [
        (0, "low"),
        (29, "low"),
        (30, "moderate"),
        (59, "moderate"),
        (60, "high"),
        (84, "high"),
        (85, "critical"),
        (100, "critical"),
    ],
)
def test_band_when_a_score_then_the_bands_of_the_design(points: int, name: str) -> None:
    assert band(points) == name
