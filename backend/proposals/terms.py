"""What the policy asks of one proposal, kept with it: whose signature counts; how many is a column of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import msgspec

from backend.core.money import Money
from backend.playbooks.policy import Answer, ApprovalRule, Approver, EditorSigns, Policy
from tenancy.permissions import Role

_ROLES = {
    Role.SUPER_ADMIN: "a super admin",
    Role.ORG_ADMIN: "an admin",
    Role.TEAM_LEAD: "a team lead",
    Role.MEMBER: "a member",
    Role.VIEWER: "a viewer",
}
_NUMBERS = {1: "One person", 2: "Two people", 3: "Three people"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who may sign: the ``approvers`` when there are any, else whose right to approve reaches the proposal.

    ``escalated_to`` may sign as well once the proposal was escalated.
    """

    answer: Answer = Answer.ASK
    approvers: tuple[Approver, ...] = ()
    different_teams: bool = False
    requester_signs: bool = False
    editor_signs: EditorSigns = EditorSigns.LOWER_AMOUNT
    escalated_to: tuple[Approver, ...] = ()


def terms_of(policy: Policy, rule: ApprovalRule) -> Terms:
    """What the policy asks of a change that falls under this rule."""
    return Terms(
        answer=rule.answer,
        approvers=rule.approvers,
        different_teams=rule.different_teams,
        requester_signs=policy.requester_signs,
        editor_signs=policy.editor_signs,
        escalated_to=policy.escalate_to,
    )


def required_by(rule: ApprovalRule) -> int:
    """How many must sign; nobody has to where the policy answers itself."""
    return rule.signatures if rule.answer is Answer.ASK else 0


def stored(terms: Terms) -> dict[str, Any]:
    """The terms as they are kept with a proposal."""
    return cast("dict[str, Any]", msgspec.to_builtins(terms))


def read(kept: Mapping[str, Any]) -> Terms:
    """The terms that :func:`stored` has kept; of proposals from before there were any, the plain ones."""
    return msgspec.convert(kept, Terms)


def people_in(policy: Policy) -> set[UUID]:
    """The people and teams that the policy names by their ids."""
    approvers = [one for rule in policy.rules for one in rule.approvers] + [*policy.escalate_to]
    return {one for approver in approvers for one in (approver.team, approver.person) if one}


def in_words(rule: ApprovalRule, currency: str | None, names: Mapping[UUID, str]) -> str:
    """One rule as a sentence, as in: Two people sign above EUR 5,000.00. Without a currency, in whatever it is."""
    when = _when(rule, currency)
    match rule.answer:
        case Answer.AUTO:
            return f"Nobody has to sign{when}"
        case Answer.REFUSE:
            return f"Refused{when}"
    who = _NUMBERS.get(rule.signatures, f"{rule.signatures} people")
    verb = "signs" if rule.signatures == 1 else "sign"
    whose = f": {listed(rule.approvers, names)}" if rule.approvers else ""
    teams = ", no two of the same team" if rule.different_teams else ""
    return f"{who} {verb}{when}{whose}{teams}"


def silence_in_words(policy: Policy) -> str:
    """What happens when nobody decides, and when."""
    return f"If nobody decides within {_length(policy.due_seconds)}, {policy.on_silence}"


def reminders_in_words(policy: Policy, names: Mapping[UUID, str]) -> list[str]:
    """When the policy reminds, and when and to whom it escalates."""
    words = []
    if policy.remind_after_seconds is not None:
        words.append(f"A reminder goes out after {_length(policy.remind_after_seconds)}")
    if policy.escalate_after_seconds is not None:
        after = _length(policy.escalate_after_seconds)
        words.append(f"After {after} {listed(policy.escalate_to, names)} may sign as well")
    return words


def listed(approvers: tuple[Approver, ...], names: Mapping[UUID, str]) -> str:
    """Whose signature counts, as in: an admin or Petra Approver."""
    return " or ".join(_name(one, names) for one in approvers)


def _when(rule: ApprovalRule, currency: str | None) -> str:
    parts = []
    if rule.above_minor is not None:
        parts.append(f"above {_limit(rule.above_minor, currency)}")
    if rule.from_risk is not None:
        parts.append(f"from a risk of {rule.from_risk}")
    return f" {' or '.join(parts)}" if parts else ""


def _length(seconds: float) -> str:
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size or seconds == size:
            count = round(seconds / size)
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{seconds:g} seconds"


def _limit(minor: int, currency: str | None) -> str:
    return Money(currency, minor).text() if currency else f"{minor / 100:,.2f}"


def _name(approver: Approver, names: Mapping[UUID, str]) -> str:
    if approver.role is not None:
        return _ROLES[approver.role]
    if approver.team is not None:
        return f"somebody of {names.get(approver.team, 'a team that is gone')}"
    return names.get(approver.person, "somebody who has left") if approver.person else "nobody"
