"""The risk score: 0 to 100, the sum of reasons that are listed with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.connectors.actions import Action
from backend.core.money import Money

_AMOUNT_POINTS = 30
_AMOUNT_POINTS_WITHOUT_MOVE = 10
_IRREVERSIBLE_POINTS = 15
_DOUBT_POINTS = 15
_BANDS = ((85, "critical"), (60, "high"), (30, "moderate"), (0, "low"))


@dataclass(frozen=True, slots=True)
class RiskReason:
    """One addend of the score."""

    label: str
    points: int


def assess(
    action: Action, *, amount: Money | None, share_below: float, confidence: float
) -> list[RiskReason]:
    """The reasons. ``share_below`` is the share of the organization's open invoices with a smaller balance."""
    reasons = [RiskReason(_kind(action), action.risk_points)]
    if amount is not None:
        weight = _AMOUNT_POINTS if action.moves_money else _AMOUNT_POINTS_WITHOUT_MOVE
        label = f"{amount.text()}, above {share_below:.0%} of open invoices"
        reasons.append(RiskReason(label, round(weight * share_below)))
    final = action.cannot_undo is not None
    undo = "Cannot be undone" if final else "Can be undone"
    reasons.append(RiskReason(undo, _IRREVERSIBLE_POINTS if final else 0))
    reasons.append(
        RiskReason(f"Confidence {confidence:.0%}", round(_DOUBT_POINTS * (1 - confidence)))
    )
    return reasons


def score(reasons: Sequence[RiskReason]) -> int:
    """The sum of the points."""
    return sum(reason.points for reason in reasons)


def band(points: int) -> str:
    """``low`` below 30, ``moderate`` below 60, ``high`` below 85, else ``critical``."""
    return next(name for floor, name in _BANDS if points >= floor)


def _kind(action: Action) -> str:
    return "Moves money" if action.moves_money else "Moves no money"
