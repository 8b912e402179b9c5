"""The digest of a proposal: SHA-256 over canonical JSON of exactly what would run, never over formatted text."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from backend.connectors.actions import FieldChange
from backend.core.canonical import Json, fingerprint
from backend.core.money import Money


def seal(
    *,
    org_id: UUID,
    proposal_id: UUID,
    revision: int,
    connection_id: UUID,
    action: str,
    target_record_id: UUID,
    source_version: str,
    parameters: Mapping[str, Any],
    changes: Sequence[Json],
) -> str:
    """Hex digest of one revision. A decision names it, and the effect runs only under the same one."""
    return fingerprint(
        {
            "organization": str(org_id),
            "proposal": str(proposal_id),
            "revision": revision,
            "connection": str(connection_id),
            "action": action,
            "target": str(target_record_id),
            "source_version": source_version,
            "parameters": parameters,
            "changes": changes,
        }
    )


def change_json(change: FieldChange) -> dict[str, Json]:
    """A change as it is sealed and stored: money as minor units with its currency."""
    return {
        "path": change.path,
        "label": change.label,
        "kind": change.kind,
        "before": _value(change.before),
        "after": _value(change.after),
    }


def change_of(stored: Mapping[str, Any]) -> FieldChange:
    """The change that :func:`change_json` stored."""
    return FieldChange(
        path=stored["path"],
        label=stored["label"],
        kind=stored["kind"],
        before=_read(stored["before"]),
        after=_read(stored["after"]),
    )


def _value(value: Money | str | None) -> Json:
    return {"minor": value.minor, "currency": value.currency} if isinstance(value, Money) else value


def _read(value: Mapping[str, Any] | str | None) -> Money | str | None:
    if isinstance(value, Mapping):
        return Money(value["currency"], value["minor"])
    return value
