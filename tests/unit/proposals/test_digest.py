"""The digest changes with everything that would run, and with nothing else."""

from typing import Any
from uuid import UUID

import pytest

from backend.connectors.actions import FieldChange
from backend.core.money import Money
from backend.proposals.digest import change_json, change_of, seal

SEALED: dict[str, Any] = {
    "org_id": UUID(int=1),
    "proposal_id": UUID(int=2),
    "revision": 1,
    "connection_id": UUID(int=3),
    "action": "stripe.credit_note.create",
    "target_record_id": UUID(int=4),
    "source_version": "a" * 64,
    "parameters": {"amount": 12000, "reason": "duplicate"},
    "changes": [
        {"path": "balance", "before": {"minor": 36000, "currency": "USD"}, "after": None},
    ],
}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("org_id", UUID(int=9)),
        ("proposal_id", UUID(int=9)),
        ("revision", 2),
        ("connection_id", UUID(int=9)),
        ("action", "stripe.invoice.void"),
        ("target_record_id", UUID(int=9)),
        ("source_version", "b" * 64),
        ("parameters", {"amount": 12001, "reason": "duplicate"}),
        ("changes", []),
    ],
)
def test_seal_when_any_argument_differs_then_another_digest(name: str, other: object) -> None:
    assert seal(**{**SEALED, name: other}) != seal(**SEALED)


def test_seal_when_only_the_order_of_keys_differs_then_the_same_digest() -> None:
    turned = {"reason": "duplicate", "amount": 12000}
    assert seal(**{**SEALED, "parameters": turned}) == seal(**SEALED)


@pytest.mark.parametrize(
    "change",
    [
        FieldChange("balance", "Balance", "money", Money("EUR", 100), Money("EUR", 0)),
        FieldChange("status", "Status", "enum", "open", "paid"),
        FieldChange("memo", "Memo", "text", None, "damaged"),
    ],
)
def test_change_when_stored_and_read_then_unchanged(change: FieldChange) -> None:
    assert change_of(change_json(change)) == change
