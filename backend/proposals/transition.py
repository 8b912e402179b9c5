"""Applies a transition of the state table to a locked row; the only writer of the two state fields."""

from backend.core.clock import now
from backend.proposals.models import ProposalTable
from backend.proposals.states import DecisionState, ExecutionState, Standing, Writer, move


def standing_of(row: ProposalTable) -> Standing:
    """The two fields of a stored proposal."""
    return Standing(DecisionState(row.decision), ExecutionState(row.execution))


def apply(row: ProposalTable, after: Standing, writer: Writer) -> None:
    """Move a locked row to ``after``. Raises when the table has no such step for this writer."""
    move(standing_of(row), after, writer)
    moment = now()
    if row.decision != after.decision:
        row.decided_at = None if after.decision is DecisionState.PENDING else moment
    row.decision = after.decision
    row.execution = after.execution
    row.updated_at = moment
