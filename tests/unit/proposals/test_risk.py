"""The score is the sum of its reasons and stays within 0 and 100."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.connectors.actions import Action
from backend.connectors.stripe.catalog import ACTIONS
from backend.core.money import Money
from backend.proposals.risk import Experience, RiskReason, assess, band, score

CREDIT = next(a for a in ACTIONS if a.name == "stripe.credit_note.create")
REMINDER = next(a for a in ACTIONS if a.name == "stripe.invoice.send_reminder")
USUAL = Experience(executed=40, executed_for_party=3, decided=40)


def weigh(
    action: Action = CREDIT,
    minor: int = 5_000,
    *,
    share: float = 0.5,
    confidence: float = 0.9,
    corrections: int = 0,
    experience: Experience = USUAL,
    days: float = 0,
) -> list[RiskReason]:
    return assess(
        action,
        amount=Money("EUR", minor),
        share_below=share,
        confidence=confidence,
        corrections=corrections,
        experience=experience,
        data_age=timedelta(days=days),
    )


def test_score_when_any_input_then_the_sum_of_the_reasons_within_bounds() -> None:
    worst = Experience(decided=10, rejected=10)
    for action, share, confidence, experience, days, corrections in itertools.product(
        ACTIONS, (0.0, 0.5, 1.0), (0.0, 0.9, 1.0), (USUAL, worst), (0, 2, 30), (0, 1, 9)
    ):
        reasons = weigh(
            action,
            share=share,
            confidence=confidence,
            experience=experience,
            days=days,
            corrections=corrections,
        )
        assert score(reasons) == sum(reason.points for reason in reasons)
        assert 0 <= score(reasons) <= 100


def test_risk_when_the_amount_is_larger_than_most_then_higher() -> None:
    assert score(weigh(minor=900_000, share=0.95)) > score(weigh(minor=100, share=0.1))


def test_risk_when_money_moves_then_higher_than_a_reminder() -> None:
    assert score(weigh(CREDIT)) > score(weigh(REMINDER))


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"experience": Experience()}, "Never done here before"),
        ({"experience": Experience(executed=3)}, "Never done for this customer before"),
        ({"experience": replace(USUAL, rejected=20)}, "People rejected 20 of 40 of these"),
        ({"days": 3}, "Other records were last read 3 days ago"),
        ({"corrections": 2}, "Corrected 2 times before it passed"),
        ({"confidence": 0.4}, "Confidence 40%"),
    ],
)
def test_risk_when_there_is_more_doubt_then_higher_and_the_reason_is_listed(
    changed: dict[str, Any], label: str
) -> None:
    reasons = weigh(**changed)
    assert score(reasons) > score(weigh())
    assert label in [reason.label for reason in reasons if reason.points > 0]


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
