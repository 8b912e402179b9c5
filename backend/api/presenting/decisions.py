"""What people have decided, on the wire."""

from backend.api.presenting.common import person
from backend.proposals.decisions import Decided, DecisionInput
from backend.proposals.resolving import ResolutionInput, Resolved
from backend.schemas.proposals import Decision, EffectAnswer, ProposalRow
from tenancy.context import Principal


def decision(
    decided: Decided, given: DecisionInput, principal: Principal, row: ProposalRow
) -> Decision:
    """The decision of this person, with the proposal as it stands after it."""
    return Decision(
        id=str(decided.id),
        proposal_id=row.id,
        kind=given.kind,
        digest=given.digest,
        reason=given.reason,
        by=person(principal.user_id, principal.name),
        at=decided.at,
        live_check=decided.live_check,
        proposal=row,
    )


def effect_answer(resolved: Resolved, given: ResolutionInput, row: ProposalRow) -> EffectAnswer:
    """What came of looking at an unknown effect, or of saying what happened."""
    return EffectAnswer(kind=given.kind, message=resolved.message, at=resolved.at, proposal=row)
