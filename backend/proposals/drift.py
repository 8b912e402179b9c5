"""What changed outside since a proposal was made: its guard fields against the live record."""

from backend.connectors import repository as records
from backend.connectors.actions import Action, FieldChange
from backend.connectors.records import Record, guard, version
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.ids import ConnectionId
from backend.core.money import Money
from backend.proposals.models import ProposalTable
from tenancy.context import TenantContext
from tenancy.session import tenant

_LABELS = {
    "billing_address": "Billing address",
    "balance": "Still to pay",
    "credited": "Credited",
    "currency": "Currency",
    "customer_source_id": "Customer",
    "due_date": "Due date",
    "email": "E-mail",
    "is_active": "Still a customer",
    "memo": "Memo",
    "name": "Name",
    "number": "Number",
    "phone": "Phone",
    "status": "Status",
    "tax_ids": "Tax numbers",
    "total": "Total",
}
_MONEY = frozenset({"balance", "credited", "total"})


async def read_live(
    database: Database, connectors: Connectors, context: TenantContext, row: ProposalTable
) -> Record:
    """The proposal's target as the outside system has it now. Call it between two transactions."""
    async with tenant(database, context) as session:
        connection = await records.connection(session, ConnectionId(row.connection_id))
    async with connectors.open(connection) as adapter:
        return await adapter.record(row.target_kind, row.target_source_id)


def drift(action: Action, row: ProposalTable, live: Record) -> list[FieldChange]:
    """The guarded fields that differ, as changes from what was proposed on to what is there now."""
    current = guard(live, action.guard_fields)
    if version(current) == row.source_version:
        return []
    return [
        _difference(name, row.guard.get(name), value, live.currency)
        for name, value in current.items()
        if row.guard.get(name) != value
    ]


def gone(row: ProposalTable) -> FieldChange:
    """The change that the outside system no longer has the record."""
    before = row.guard.get("status", "there")
    return FieldChange("status", _LABELS["status"], "text", before, "deleted")


def _difference(name: str, before: object, after: object, currency: str | None) -> FieldChange:
    kind = "money" if name in _MONEY else "date" if name.endswith("date") else "text"
    return FieldChange(
        path=name,
        label=_LABELS.get(name, name),
        kind=kind,
        before=_value(before, kind, currency),
        after=_value(after, kind, currency),
    )


def _value(value: object, kind: str, currency: str | None) -> Money | str | None:
    if isinstance(value, int) and kind == "money" and currency is not None:
        return Money(currency, value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    return None if value is None else str(value)
