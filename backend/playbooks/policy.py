"""The approval policy of a playbook's version, as data: who must sign what, for how long, and what silence means."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tenancy.permissions import Role, asking

_DAY = 86_400.0


class Answer(StrEnum):
    """What the policy says to a change before anybody has looked at it."""

    AUTO = "auto"
    ASK = "ask"
    REFUSE = "refuse"


class Silence(StrEnum):
    """What happens when nobody has decided in time. The value is the sentence that people read and choose."""

    EXPIRE = "it expires and nothing is run"
    REJECT = "it is rejected and nothing is run"
    APPROVE = "it is approved and carried out without a signature"


class EditorSigns(StrEnum):
    """Whether the author of an edit may sign it."""

    NEVER = "never"
    LOWER_AMOUNT = "only where the edit lowers the amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Whose signature counts: everybody with a role, everybody in a team, or one person. Exactly one is given."""

    role: Role | None = None
    team: UUID | None = None
    person: UUID | None = None

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.role, self.team, self.person)) != 1:
            raise ValueError("an approver is a role, a team or a person")

    @property
    def name(self) -> str:
        """The name by which a proposal asks them."""
        return asking(role=self.role, team=self.team, person=self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRule:
    """Applies above an amount (minor units of the change's currency) or from a risk, or always when neither is given.

    Without ``approvers`` everybody signs whose right to approve reaches the proposal. ``different_teams``: no two of
    the signatures may come from the same team.
    """

    answer: Answer = Answer.ASK
    above_minor: int | None = None
    from_risk: int | None = None
    signatures: int = 1
    approvers: tuple[Approver, ...] = ()
    different_teams: bool = False

    def __post_init__(self) -> None:
        if self.answer is Answer.ASK and self.signatures < 1:
            raise ValueError("a rule that asks needs at least one signature")
        if self.different_teams and self.signatures < 2:  # noqa: PLR2004 - one team is never two
            raise ValueError("different teams need at least two signatures")
        named = {one.person for one in self.approvers}
        if self.approvers and None not in named and len(named) < self.signatures:
            raise ValueError(f"{len(named)} named people cannot give {self.signatures} signatures")

    def applies(self, amount_minor: int | None, risk: int) -> bool:
        """Whether a change of this amount and risk falls under the rule."""
        if self.above_minor is None and self.from_risk is None:
            return True
        by_amount = self.above_minor is not None and (amount_minor or 0) > self.above_minor
        return by_amount or (self.from_risk is not None and risk >= self.from_risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in order, of which the first that applies counts; the last one always applies.

    Times count in seconds from the moment of proposing; ``hold_seconds`` is how long an approval can be taken back.
    """

    rules: tuple[ApprovalRule, ...] = (ApprovalRule(),)
    requester_signs: bool = False
    editor_signs: EditorSigns = EditorSigns.LOWER_AMOUNT
    hold_seconds: float = 5.0
    remind_after_seconds: float | None = None
    escalate_after_seconds: float | None = None
    escalate_to: tuple[Approver, ...] = ()
    due_seconds: float = 3 * _DAY
    on_silence: Silence = Silence.EXPIRE

    def __post_init__(self) -> None:
        if not self.rules or not self.rules[-1].applies(None, 0):
            raise ValueError("the last rule must apply to every change")
        if (self.escalate_after_seconds is None) != (not self.escalate_to):
            raise ValueError("an escalation needs a time and somebody to escalate to")

    def rule_for(self, amount_minor: int | None, risk: int) -> ApprovalRule:
        """The rule that counts for a change of this amount and risk."""
        return next(rule for rule in self.rules if rule.applies(amount_minor, risk))
