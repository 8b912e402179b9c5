"""The risk score: 0 to 100, the sum of reasons that are listed with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend.connectors.actions import Action
from backend.core.money import Money

HIGHEST = 100
_AMOUNT_POINTS = 30
_AMOUNT_POINTS_WITHOUT_MOVE = 10
_IRREVERSIBLE_POINTS = 15
_DOUBT_POINTS = 15
_FIRST_HERE_POINTS = 8
_FIRST_FOR_PARTY_POINTS = 4
_REJECTED_POINTS = 10
_ENOUGH_DECIDED = 5
_CORRECTION_POINTS = 3
_MOST_CORRECTION_POINTS = 9
_AGES = ((timedelta(days=7), 10), (timedelta(days=1), 5))
_BANDS = ((85, "critical"), (60, "high"), (30, "moderate"), (0, "low"))


@dataclass(frozen=True, slots=True)
class RiskReason:
    """One addend of the score."""

    label: str
    points: int


@dataclass(frozen=True, slots=True)
class Experience:
    """What became of this action so far: how often it was carried out, here and for this party, and refused.

    ``decided`` and ``rejected`` count what people have said to this playbook's proposals of it.
    """

    executed: int = 0
    executed_for_party: int = 0
    decided: int = 0
    rejected: int = 0


def assess(
    action: Action,
    *,
    amount: Money | None,
    share_below: float,
    confidence: float,
    corrections: int,
    experience: Experience,
    data_age: timedelta,
) -> list[RiskReason]:
    """The reasons. ``share_below`` is the share of the organization's open invoices with a smaller balance."""
    reasons = [RiskReason(_kind(action), action.risk_points)]
    if amount is not None:
        weight = _AMOUNT_POINTS if action.moves_money else _AMOUNT_POINTS_WITHOUT_MOVE
        label = f"{amount.text()}, above {share_below:.0%} of open invoices"
        reasons.append(RiskReason(label, round(weight * share_below)))
    undo = "Cannot be undone" if action.cannot_undo else "Can be undone"
    reasons.append(RiskReason(undo, _IRREVERSIBLE_POINTS if action.cannot_undo else 0))
    reasons += [_novelty(experience), *_track_record(experience), *_age(data_age)]
    if corrections:
        points = min(_CORRECTION_POINTS * corrections, _MOST_CORRECTION_POINTS)
        reasons.append(RiskReason(f"Corrected {_times(corrections)} before it passed", points))
    doubt = round(_DOUBT_POINTS * (1 - confidence))
    reasons.append(RiskReason(f"Confidence {confidence:.0%}", doubt))
    over = score(reasons) - HIGHEST
    return [*reasons, RiskReason(f"No more than {HIGHEST}", -over)] if over > 0 else reasons


def score(reasons: Sequence[RiskReason]) -> int:
    """The sum of the points."""
    return sum(reason.points for reason in reasons)


def band(points: int) -> str:
    """``low`` below 30, ``moderate`` below 60, ``high`` below 85, else ``critical``."""
    return next(name for floor, name in _BANDS if points >= floor)


def _kind(action: Action) -> str:
    return "Moves money" if action.moves_money else "Moves no money"


def _novelty(experience: Experience) -> RiskReason:
    if not experience.executed:
        return RiskReason("Never done here before", _FIRST_HERE_POINTS)
    if not experience.executed_for_party:
        return RiskReason("Never done for this customer before", _FIRST_FOR_PARTY_POINTS)
    return RiskReason(f"Done {_times(experience.executed_for_party)} for this customer", 0)


def _track_record(experience: Experience) -> list[RiskReason]:
    if experience.decided < _ENOUGH_DECIDED or not experience.rejected:
        return []
    share = experience.rejected / experience.decided
    label = f"People rejected {experience.rejected} of {experience.decided} of these"
    return [RiskReason(label, round(_REJECTED_POINTS * share))]


def _age(age: timedelta) -> list[RiskReason]:
    points = next((points for limit, points in _AGES if age >= limit), 0)
    if not points:
        return []
    return [RiskReason(f"Other records were last read {_times(age.days, 'day')} ago", points)]


def _times(number: int, noun: str = "time") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
