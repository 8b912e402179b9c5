"""L0 schema, L1 references, L2 business rules. Each error is one sentence that a model can act on.

The same ladder runs at the draft and again on the live record before anything is dispatched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from backend.connectors.actions import Action, Limits
from backend.connectors.records import Record


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rung said. ``messages`` is empty when it passed."""

    level: str
    passed: bool
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What exists: the record read live, others that may be named by source id, and ids that may be cited."""

    record: Record
    siblings: Mapping[str, Record]
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
    if action.target_kind != known.record.kind:
        kinds = f"changes a record of kind {action.target_kind}, not of kind {known.record.kind}"
        return [f"{action.name} {kinds}"]
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
    errors.extend(
        f"{parameter} names {named}, which is no other {action.target_kind} known here"
        for parameter, named in action.names(typed).items()
        if named not in known.siblings
    )
    return errors


def _rules(action: Action, typed: object, known: Known, allowed: Allowed) -> list[str]:
    errors = list(action.violations(known.record, typed, allowed.limits))
    if allowed.open_proposal is not None:
        errors.append(f"another open proposal concerns the same record: {allowed.open_proposal}")
    errors.extend(action.mismatches(known.record, typed, known.siblings))
    return errors
