"""The sentence that says how a proposal stands or has ended, for the run's outcome and trace."""

from backend.proposals.states import DecisionState, ExecutionState
from backend.proposals.views import ProposalView


def outcome_of(view: ProposalView) -> str:
    """One sentence with the reason, where somebody or something gave one."""
    row = view.row
    error = view.effect.error if view.effect else None
    match DecisionState(row.decision):
        case DecisionState.REJECTED if view.rejection is not None:
            return f"Rejected by {view.rejection.name}: {view.rejection.reason}"
        case DecisionState.WITHDRAWN if view.withdrawal is not None:
            return f"Withdrawn by {view.withdrawal.name}: {view.withdrawal.reason}"
        case DecisionState.EXPIRED:
            return "Expired: nobody decided in time, nothing was run"
        case DecisionState.STALE:
            fields = ", ".join(change["label"] for change in row.stale_changes)
            return f"Stale: the record changed outside ({fields}), nothing was run"
        case DecisionState.APPROVED:
            return _executed(ExecutionState(row.execution), row.sentence, error)
        case decision:
            return f"{decision.capitalize()}: {row.sentence}"


def _executed(execution: ExecutionState, sentence: str, error: str | None) -> str:
    match execution:
        case ExecutionState.EXECUTED:
            return f"Executed: {sentence}"
        case ExecutionState.FAILED:
            return f"Refused outside, nothing was changed: {error}"
        case ExecutionState.UNKNOWN:
            return f"Nobody knows whether it was carried out: {error}"
        case _:
            return f"Approved: {sentence}"
