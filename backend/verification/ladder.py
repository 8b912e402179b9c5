"""L0 schema, L1 references, L2 business rules. Each error is one sentence that a model can act on.

The same ladder runs at the draft and again on the live record before anything is dispatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from backend.connectors.actions import Action, Limits
from backend.connectors.records import Invoice


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rung said. ``messages`` is empty when it passed."""

    level: str
    passed: bool
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What exists: the invoice read live, others of the same customer by source id, cited record ids."""

    invoice: Invoice
    siblings: Mapping[str, Invoice]
    record_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the playbook allows, and the sentence of an open proposal on the same record if there is one."""

    actions: tuple[str, ...]
    limits: Limits
    open_proposal: str | None


def climb(
    action: Action | None,
    parameters: Mapping[str, Any],
    evidence_ids: Sequence[str],
    known: Known,
    allowed: Allowed,
) -> list[Verdict]:
    """The verdicts from L0 upwards; a failed rung ends the climb. ``action`` is None when there is no such one."""
    if action is None:
        return [
            _verdict("L0", [f"the action does not exist; use one of {', '.join(allowed.actions)}"])
        ]
    typed, errors = _typed(action, parameters)
    verdicts = [_verdict("L0", errors)]
    if not errors:
        verdicts.append(_verdict("L1", _references(action, typed, evidence_ids, known, allowed)))
    if all(verdict.passed for verdict in verdicts):
        verdicts.append(_verdict("L2", _rules(action, typed, known, allowed)))
    return verdicts


def passed(verdicts: Sequence[Verdict]) -> bool:
    """Whether every rung was passed."""
    return all(verdict.passed for verdict in verdicts)


def _verdict(level: str, messages: Sequence[str]) -> Verdict:
    return Verdict(level, not messages, tuple(messages))


def _typed(action: Action, parameters: Mapping[str, Any]) -> tuple[Any, list[str]]:
    try:
        return msgspec.convert(dict(parameters), action.parameters), []
    except msgspec.ValidationError as error:
        return None, [f"parameters of {action.name}: {error}"]


def _references(
    action: Action,
    typed: object,
    evidence_ids: Sequence[str],
    known: Known,
    allowed: Allowed,
) -> list[str]:
    errors = []
    if action.name not in allowed.actions:
        errors.append(
            f"this playbook may not propose {action.name}; use one of {', '.join(allowed.actions)}"
        )
    errors.extend(
        f"evidence cites the record {cited}, which is not known here"
        for cited in evidence_ids
        if cited not in known.record_ids
    )
    original = getattr(typed, "duplicate_of", None)
    if original is not None and original not in known.siblings:
        errors.append(f"duplicate_of names {original}, which is no other invoice of this customer")
    return errors


def _rules(action: Action, typed: object, known: Known, allowed: Allowed) -> list[str]:
    errors = list(action.violations(known.invoice, typed, allowed.limits))
    if allowed.open_proposal is not None:
        errors.append(f"another open proposal concerns the same record: {allowed.open_proposal}")
    original = getattr(typed, "duplicate_of", None)
    if original is not None:
        errors.extend(_not_twins(known.invoice, known.siblings[original]))
    return errors


def _not_twins(invoice: Invoice, original: Invoice) -> list[str]:
    errors = []
    if (invoice.currency, invoice.total) != (original.currency, original.total):
        errors.append(
            f"{original.number} has another total, so {invoice.number} is not its duplicate"
        )
    if original.status == "void":
        errors.append(
            f"{original.number} is void itself; then {invoice.number} is the only one left"
        )
    if original.created_at > invoice.created_at:
        errors.append(f"{original.number} is the later one; void the later of the two")
    return errors
