"""What changed outside since a proposal was made: its guard fields against the live record."""

from backend.connectors import repository as records
from backend.connectors.actions import Action, FieldChange
from backend.connectors.records import Invoice, guard, version
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.ids import ConnectionId
from backend.core.money import Money
from backend.proposals.models import ProposalTable
from tenancy.context import TenantContext
from tenancy.session import tenant

_LABELS = {
    "balance": "Still to pay",
    "credited": "Credited",
    "currency": "Currency",
    "customer_source_id": "Customer",
    "due_date": "Due date",
    "memo": "Memo",
    "number": "Number",
    "status": "Status",
    "total": "Total",
}
_MONEY = frozenset({"balance", "credited", "total"})


async def read_live(
    database: Database, connectors: Connectors, context: TenantContext, row: ProposalTable
) -> Invoice:
    """The proposal's target as the outside system has it now. Call it between two transactions."""
    async with tenant(database, context) as session:
        connection = await records.connection(session, ConnectionId(row.connection_id))
    async with connectors.open(connection) as adapter:
        return await adapter.invoice(row.target_source_id)


def drift(action: Action, row: ProposalTable, invoice: Invoice) -> list[FieldChange]:
    """The guarded fields that differ, as changes from what was proposed on to what is there now."""
    current = guard(invoice, action.guard_fields)
    if version(current) == row.source_version:
        return []
    return [
        _difference(name, row.guard.get(name), value, invoice.currency)
        for name, value in current.items()
        if row.guard.get(name) != value
    ]


def gone(row: ProposalTable) -> FieldChange:
    """The change that the outside system no longer has the record."""
    return FieldChange("status", _LABELS["status"], "text", row.guard.get("status"), "deleted")


def _difference(name: str, before: object, after: object, currency: str) -> FieldChange:
    kind = "money" if name in _MONEY else "date" if name.endswith("date") else "text"
    return FieldChange(
        path=name,
        label=_LABELS.get(name, name),
        kind=kind,
        before=_value(before, kind, currency),
        after=_value(after, kind, currency),
    )


def _value(value: object, kind: str, currency: str) -> Money | str | None:
    if isinstance(value, int) and kind == "money":
        return Money(currency, value)
    return None if value is None else str(value)
