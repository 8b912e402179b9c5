"""The orders of the list of proposals. Each has the id as its tie-break; what has no value comes last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    func,
    literal_column,
)

from backend.core.errors import InvalidInputError
from backend.core.keyset import Order
from backend.playbooks.models import PlaybookRow
from backend.proposals.models import AMOUNT_LAST, TIME_LAST, ProposalTable
from backend.proposals.states import DecisionState, ExecutionState
from tenancy.models.organization import Team, UserAccount

_STANDINGS = (
    (DecisionState.PENDING, ExecutionState.NONE),
    (DecisionState.APPROVED, ExecutionState.QUEUED),
    (DecisionState.APPROVED, ExecutionState.EXECUTING),
    (DecisionState.APPROVED, ExecutionState.UNKNOWN),
    (DecisionState.APPROVED, ExecutionState.FAILED),
    (DecisionState.APPROVED, ExecutionState.EXECUTED),
    (DecisionState.APPROVED, ExecutionState.UNDONE),
    (DecisionState.REJECTED, ExecutionState.NONE),
    (DecisionState.WITHDRAWN, ExecutionState.NONE),
    (DecisionState.EXPIRED, ExecutionState.NONE),
    (DecisionState.STALE, ExecutionState.NONE),
)


def _status() -> ColumnElement[int]:
    table = ProposalTable
    places = [
        (and_(table.decision == decision, table.execution == execution), place)
        for place, (decision, execution) in enumerate(_STANDINGS)
    ]
    return case(*places, else_=len(_STANDINGS))


_KEYS: Mapping[str, ColumnElement[Any]] = {
    "createdAt": ProposalTable.created_at.expression,
    "updatedAt": ProposalTable.updated_at.expression,
    "risk": ProposalTable.risk_score.expression,
    "amount": ProposalTable.amount_minor.expression,
    "dueAt": ProposalTable.due_at.expression,
    "decidedAt": ProposalTable.decided_at.expression,
    "status": _status(),
    "title": ProposalTable.sentence.expression,
    "target": ProposalTable.target_label.expression,
    "customer": ProposalTable.party.expression,
    "playbook": PlaybookRow.name.expression,
    "requester": UserAccount.name.expression,
    "team": Team.name.expression,
    "confidence": ProposalTable.confidence.expression,
}
_LAST = {"amount": AMOUNT_LAST, "dueAt": TIME_LAST, "decidedAt": TIME_LAST}
SORTS = tuple(sign + name for name in _KEYS for sign in ("", "-"))


def order_of(sort: str) -> Order:
    """The order with this name; ``-`` before it turns it round. Raises :class:`InvalidInputError`."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    key = _KEYS.get(name)
    if key is None:
        raise InvalidInputError(f"sort is {sort!r}; use one of {', '.join(SORTS)}", field="sort")
    if name in _LAST:
        last = literal_column(_LAST[name][descending], key.type)
        key = (func.greatest if descending else func.least)(key, last, type_=key.type)
    elif name == "team":  # the first character decides, in every collation
        some, none = ("'1'", "'0'") if descending else ("'0'", "'1'")
        key = func.coalesce(literal_column(some, Text) + key, literal_column(none, Text))
    return Order(key, ProposalTable.id.expression, descending)


def joined_for(query: Select[Any], sort: str) -> Select[Any]:
    """The query on ``proposal`` with the table that the order reads, where it reads another."""
    table = ProposalTable
    match sort.removeprefix("-"):
        case "playbook":
            mine = and_(PlaybookRow.org_id == table.org_id, PlaybookRow.id == table.playbook_id)
            return query.join(PlaybookRow, mine)
        case "requester":
            return query.join(UserAccount, UserAccount.id == table.requested_by)
        case "team":
            mine = and_(Team.org_id == table.org_id, Team.id == table.team_id)
            return query.outerjoin(Team, mine)
    return query
