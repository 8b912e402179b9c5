"""The approval policy: how many must sign, and whether this person may decide this proposal now."""

from dataclasses import dataclass

from backend.core.errors import ConflictError, PermissionDeniedError
from backend.core.money import Money
from backend.playbooks.service import Policy
from backend.proposals.models import ProposalTable
from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView
from tenancy.context import Principal
from tenancy.permissions import Right, Scope


class OwnRequestError(PermissionDeniedError):
    """Who started a run may not decide its proposals."""

    code = "own_request"


class AlreadyDecidedError(ConflictError):
    """Somebody was faster; the message says who and when."""

    code = "already_decided"


class NotApprovedError(ConflictError):
    """There is no approval that could be taken back."""

    code = "not_approved"


class AlreadyClaimedError(ConflictError):
    """The effect has been claimed: the approval cannot be taken back any more."""

    code = "already_claimed"


class OutcomeKnownError(ConflictError):
    """What became of the effect is not in doubt, so nobody has to say it."""

    code = "outcome_known"


@dataclass(frozen=True, slots=True)
class Requirement:
    """How many signatures a proposal needs and the rule that says so."""

    signatures: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the policy in words; ``applies`` marks the one that counted."""

    text: str
    applies: bool


def require(policy: Policy, amount: Money | None) -> Requirement:
    """One other member with the right; two above the playbook's amount."""
    limit = policy.two_above_minor
    if amount is not None and limit is not None and amount.minor > limit:
        above = Money(amount.currency, limit).text()
        return Requirement(2, f"Two people sign above {above}")
    return Requirement(1, "One other person with the right to approve signs")


def rules(policy: Policy, required: int, currency: str | None) -> list[Rule]:
    """The policy as a table of rules."""
    table = [
        Rule("One other person with the right to approve signs", required == 1),
        Rule("Who started the run may not sign", applies=True),
    ]
    if policy.two_above_minor is not None:
        above = Money(currency, policy.two_above_minor).text() if currency else "the limit"
        table.insert(1, Rule(f"Two people sign above {above}", required > 1))
    return table


def refusal(
    principal: Principal, view: ProposalView
) -> PermissionDeniedError | ConflictError | None:
    """Why this person may not decide this proposal now; None when they may. The one arbiter for every path."""
    return cannot_sign(principal, view.row) or _settled(principal, view)


def cannot_sign(principal: Principal, row: ProposalTable) -> PermissionDeniedError | None:
    """Why this person's signature does not count on this proposal, whatever its state; None when it does."""
    scope = principal.grants.get(Right.PROPOSALS_APPROVE)
    if scope is None:
        return _lacks("deciding needs the permission proposals:approve")
    if row.requested_by == principal.user_id:
        return OwnRequestError("you started this run, so somebody else has to decide")
    if scope is Scope.SELF:
        return _lacks("no policy names you for this; it needs proposals:approve at team or org")
    if scope is Scope.TEAM and row.team_id not in principal.team_ids:
        return _lacks("this belongs to another team; it needs proposals:approve at org")
    return None


def cannot_take_back(
    principal: Principal, view: ProposalView
) -> PermissionDeniedError | ConflictError | None:
    """Why this person may not take the approval back; None for who signed it, until the effect is claimed."""
    row = view.row
    if (refused := cannot_sign(principal, row)) is not None:
        return refused
    if row.decision == DecisionState.PENDING:
        return NotApprovedError("this is not approved, so there is nothing to take back")
    if row.decision != DecisionState.APPROVED:
        return AlreadyDecidedError(view.standing_sentence)
    if row.execution != ExecutionState.QUEUED:
        return AlreadyClaimedError(
            f"this was claimed for execution and is {row.execution}; it cannot be taken back"
        )
    if not any(signature.user_id == principal.user_id for signature in view.signatures):
        return PermissionDeniedError("only who has signed this can take it back")
    return None


def cannot_withdraw(
    principal: Principal, view: ProposalView
) -> PermissionDeniedError | ConflictError | None:
    """Why this person may not withdraw it; None for who started the run and for admins, while it is pending."""
    scope = principal.grants.get(Right.PROPOSALS_UPDATE, Scope.SELF)
    if Right.PROPOSALS_APPROVE not in principal.grants:
        return _lacks("deciding needs the permission proposals:approve")
    if view.row.requested_by != principal.user_id and scope < Scope.ORG:
        return PermissionDeniedError(
            "only who started the run can withdraw this; others need proposals:update at org",
            permission=str(Right.PROPOSALS_UPDATE),
        )
    if view.row.decision != DecisionState.PENDING:
        return AlreadyDecidedError(view.standing_sentence)
    return None


def cannot_resolve(
    principal: Principal, view: ProposalView
) -> PermissionDeniedError | ConflictError | None:
    """Why this person may not say what became of the effect; None for who may sign it, while that is unknown."""
    row = view.row
    if (refused := cannot_sign(principal, row)) is not None:
        return refused
    if row.execution != ExecutionState.UNKNOWN:
        now = row.decision if row.execution == ExecutionState.NONE else row.execution
        return OutcomeKnownError(f"the outcome is not in doubt: this is {now}")
    return None


def _settled(principal: Principal, view: ProposalView) -> ConflictError | None:
    if view.row.decision != DecisionState.PENDING:
        return AlreadyDecidedError(view.standing_sentence)
    if any(signature.user_id == principal.user_id for signature in view.signatures):
        return AlreadyDecidedError("you have signed this already; it waits for another person")
    return None


def _lacks(message: str) -> PermissionDeniedError:
    return PermissionDeniedError(message, permission=str(Right.PROPOSALS_APPROVE))
