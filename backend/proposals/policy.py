"""Who may do what with a proposal now. The one arbiter for every path; each refusal says why and what it would take."""

from typing import TypeAlias

from backend.core.errors import ConflictError, PermissionDeniedError
from backend.playbooks.policy import Approver, EditorSigns
from backend.proposals import quorum
from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView
from tenancy.context import Principal
from tenancy.permissions import Right, authorize, reach_of

Refusal: TypeAlias = PermissionDeniedError | ConflictError


class OwnRequestError(PermissionDeniedError):
    """Who started a run may not decide its proposals."""

    code = "own_request"


class OwnEditError(PermissionDeniedError):
    """Who wrote this revision may not sign it."""

    code = "own_edit"


class NotNamedError(PermissionDeniedError):
    """The policy asks other people."""

    code = "not_named"


class AlreadyDecidedError(ConflictError):
    """Somebody was faster; the message says who and when."""

    code = "already_decided"


class NotApprovedError(ConflictError):
    """There is no approval that could be taken back."""

    code = "not_approved"


class UndoFixedError(ConflictError):
    """What undoes something is its inverse and nothing else."""

    code = "undo_fixed"


class NotExecutedError(ConflictError):
    """Nothing was carried out that could be undone."""

    code = "not_executed"


class AlreadyClaimedError(ConflictError):
    """The effect has been claimed: the approval cannot be taken back any more."""

    code = "already_claimed"


class OutcomeKnownError(ConflictError):
    """What became of the effect is not in doubt, so nobody has to say it."""

    code = "outcome_known"


def refusal(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not approve this revision now; None when they may."""
    return cannot_sign(principal, view) or _settled(principal, view) or _same_team(principal, view)


def signs_now(principal: Principal, view: ProposalView) -> bool:
    """Whether it waits for this person's approval. Of what is decided nobody has to be told why not."""
    return view.row.decision == DecisionState.PENDING and refusal(principal, view) is None


def cannot_reject(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not reject it now. Who wrote the revision may: nothing is run by it."""
    return _no_signature(principal, view) or _settled(principal, view)


def cannot_sign(principal: Principal, view: ProposalView) -> PermissionDeniedError | None:
    """Why this person's signature does not count on this revision, whatever its state; None when it does."""
    return _no_signature(principal, view) or _own_edit(principal, view)


def cannot_edit(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not write another revision; None for who may sign it and for who started the run."""
    if not _may(principal, view):
        return _lacks("editing needs the permission proposals:approve")
    if view.row.undoes_id is not None:
        return UndoFixedError("an undo takes back exactly what was done; it cannot be edited")
    own = view.row.requested_by == principal.user_id
    return (None if own else _no_signature(principal, view)) or _not_pending(view)


def cannot_ask(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not ask the agent about it; None for everybody with the right, while it is pending."""
    if not _may(principal, view):
        return _lacks("asking needs the permission proposals:approve")
    return _not_pending(view)


def cannot_delegate(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person has no signature to give to somebody else; None when they have."""
    return cannot_sign(principal, view) or _settled(principal, view)


def cannot_ask_undo(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not ask for its undo; None for everybody with the right, once it was executed."""
    if not _may(principal, view):
        return _lacks("asking for an undo needs the permission proposals:approve")
    if view.row.execution != ExecutionState.EXECUTED:
        return NotExecutedError("only what was executed can be undone")
    return None


def cannot_take_back(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not take the approval back; None for who signed it, until the effect is claimed.

    What the policy approved by itself is taken back by whoever could have signed it.
    """
    row = view.row
    if (refused := _no_signature(principal, view)) is not None:
        return refused
    if row.decision == DecisionState.PENDING:
        return NotApprovedError("this is not approved, so there is nothing to take back")
    if row.decision != DecisionState.APPROVED:
        return AlreadyDecidedError(view.standing_sentence)
    if row.execution != ExecutionState.QUEUED:
        return AlreadyClaimedError(
            f"this was claimed for execution and is {row.execution}; it cannot be taken back"
        )
    signed = any(signature.user_id == principal.user_id for signature in view.signatures)
    if not signed and view.by_policy is None:
        return PermissionDeniedError("only who has signed this can take it back")
    return None


def cannot_withdraw(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not withdraw it; None for who started the run and for admins, while it is pending."""
    if not _may(principal, view):
        return _lacks("deciding needs the permission proposals:approve")
    update = reach_of(principal, Right.PROPOSALS_UPDATE)
    all_of_them = update is not None and update.everything
    if view.row.requested_by != principal.user_id and not all_of_them:
        return PermissionDeniedError(
            "only who started the run can withdraw this; others need proposals:update at org",
            permission=str(Right.PROPOSALS_UPDATE),
        )
    return _not_pending(view)


def cannot_resolve(principal: Principal, view: ProposalView) -> Refusal | None:
    """Why this person may not say what became of the effect; None for who may sign it, while that is unknown."""
    row = view.row
    if (refused := _no_signature(principal, view)) is not None:
        return refused
    if row.execution != ExecutionState.UNKNOWN:
        now = row.decision if row.execution == ExecutionState.NONE else row.execution
        return OutcomeKnownError(f"the outcome is not in doubt: this is {now}")
    return None


def _no_signature(principal: Principal, view: ProposalView) -> PermissionDeniedError | None:
    """Why the person has no signature on this proposal, whoever wrote the revision."""
    if not _may(principal, view):
        return _lacks("deciding needs the permission proposals:approve")
    if view.row.requested_by == principal.user_id and not view.terms.requester_signs:
        return OwnRequestError("you started this run, so somebody else has to decide")
    given = view.delegated_by(principal.user_id)
    if given is not None:
        return PermissionDeniedError(f"you have given your signature to {given.to_name}")
    return None if _counts(principal, view) else _not_asked(principal, view)


def _may(principal: Principal, view: ProposalView) -> bool:
    """Whether the person has the right to approve for proposals of this team, be it where a policy names them."""
    reach = reach_of(principal, Right.PROPOSALS_APPROVE)
    return reach is not None and reach.touches(view.row.team_id)


def _not_asked(principal: Principal, view: ProposalView) -> PermissionDeniedError:
    if view.terms.approvers:
        return NotNamedError(f"the policy asks others to sign this: {view.row.policy_reason}")
    if not authorize(principal, Right.PROPOSALS_APPROVE).team_ids:
        return _lacks("no policy names you for this; it needs proposals:approve at team or org")
    return _lacks("this belongs to another team; it needs proposals:approve at org")


def _counts(principal: Principal, view: ProposalView) -> bool:
    """Whether the policy asks this person, or somebody who has given their signature to this person."""
    holders, seen = [principal], {principal.user_id}
    while holders:
        holder = holders.pop()
        if _asks(holder, view):
            return True
        for delegation in view.delegations:
            giver = delegation.giver
            if (
                delegation.to_id == holder.user_id
                and giver
                and giver.user_id not in seen
                and _own_edit(giver, view) is None
            ):
                seen.add(giver.user_id)
                holders.append(giver)
    return False


def _asks(person: Principal, view: ProposalView) -> bool:
    """Whether the policy or an escalation names this person, or, where nobody is named, their right reaches it."""
    terms, row = view.terms, view.row
    escalated = terms.escalated_to if row.escalated_at else ()
    if any(_is(one, person) for one in (*terms.approvers, *escalated)):
        return True
    reach = reach_of(person, Right.PROPOSALS_APPROVE)
    return reach is not None and reach.spans(row.team_id) and not terms.approvers


def _own_edit(principal: Principal, view: ProposalView) -> PermissionDeniedError | None:
    if view.row.edited_by != principal.user_id:
        return None
    if view.terms.editor_signs is EditorSigns.NEVER:
        return OwnEditError("you wrote this revision, so somebody else has to sign it")
    if not view.row.edit_lowers:
        return OwnEditError(
            "you wrote this revision and it does not lower the amount, so somebody else has to sign it"
        )
    return None


def _same_team(principal: Principal, view: ProposalView) -> ConflictError | None:
    if not view.terms.different_teams:
        return None
    signed = [signature.teams for signature in view.signatures]
    before = quorum.counted(signed, different_teams=True)
    if quorum.counted([*signed, principal.team_ids], different_teams=True) > before:
        return None
    return AlreadyDecidedError("your team has signed already; it waits for somebody of another one")


def _settled(principal: Principal, view: ProposalView) -> ConflictError | None:
    if (decided := _not_pending(view)) is not None:
        return decided
    if any(signature.user_id == principal.user_id for signature in view.signatures):
        return AlreadyDecidedError("you have signed this already; it waits for another person")
    return None


def _not_pending(view: ProposalView) -> ConflictError | None:
    if view.row.decision == DecisionState.PENDING:
        return None
    return AlreadyDecidedError(view.standing_sentence)


def _is(approver: Approver, person: Principal) -> bool:
    return (
        approver.person == person.user_id
        or approver.team in person.team_ids
        or approver.role in person.roles
    )


def _lacks(message: str) -> PermissionDeniedError:
    return PermissionDeniedError(message, permission=str(Right.PROPOSALS_APPROVE))
