"""What one revision of a proposal consists of, worked out from action, target and parameters alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from backend.connectors.actions import Action
from backend.connectors.records import Record, guard, version
from backend.core.canonical import Json
from backend.core.money import Money
from backend.proposals.digest import change_json
from backend.proposals.statement import state


@dataclass(frozen=True, slots=True)
class Content:
    """One revision as it is stored, sealed and shown. ``parameters`` are the action's, as plain values."""

    parameters: dict[str, Any]
    changes: list[dict[str, Json]]
    amount: Money | None
    currency: str | None
    how: list[list[str]]
    sentence: str
    guard: dict[str, Json]
    source_version: str
    label: str
    party: str


def content_of(action: Action, target: Record, parameters: Mapping[str, Any]) -> Content:
    """The content of a revision that passed the ladder. Raises ``msgspec.ValidationError`` on other parameters."""
    typed = msgspec.convert(dict(parameters), action.parameters)
    amount = action.amount(target, typed)
    guarded = guard(target, action.guard_fields)
    return Content(
        parameters=msgspec.to_builtins(typed),
        changes=[change_json(change) for change in action.changes(target, typed)],
        amount=amount,
        currency=amount.currency if amount else target.currency,
        how=[list(pair) for pair in action.how(target, typed)],
        sentence=state(action.words, amount=amount, record=target.label, party=target.party).text,
        guard=guarded,
        source_version=version(guarded),
        label=target.label,
        party=target.party,
    )
