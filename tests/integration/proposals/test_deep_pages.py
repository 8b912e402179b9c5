"""A page deep in a list begins where an index says, whatever lies before it: row-level security is on the way."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.ids import new_uuid
from backend.proposals.models import ProposalTable
from backend.proposals.sorting import order_of
from tenancy.session import tenant
from tests.fixtures.people import Office

_ONLY_INDEXES = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
_MOMENT = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("createdAt", _MOMENT),
        ("updatedAt", _MOMENT),
        ("dueAt", _MOMENT),
        ("risk", 50),
        ("amount", 1),
    ],
)
@pytest.mark.parametrize("sign", ["", "-"])
async def test_page_when_it_is_deep_then_its_place_is_found_in_an_index(
    office: Office, name: str, value: object, sign: str
) -> None:
    order, own = order_of(sign + name), ProposalTable.org_id == office.org_id
    page = order.apply(select(ProposalTable.id, order.key).where(own), (value, new_uuid()))
    async with tenant(office.database, office.context) as session:
        connection = await session.connection()
        sql = page.limit(51).compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        for setting in _ONLY_INDEXES:
            await connection.exec_driver_sql(f"SET LOCAL {setting} = off")
        plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}")
        [node] = _scans(plan.scalar_one()[0]["Plan"])
    assert "ROW(" in node["Index Cond"], node
    assert "Filter" not in node, node


def _scans(node: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [one for child in node.get("Plans", ()) for one in _scans(child)]
    return inner or [node]
