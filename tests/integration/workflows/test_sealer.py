"""The worker process chains what is audited, beside its other work."""

import pytest

from backend.core.settings import Settings
from tenancy.auditing import exporting
from tenancy.auditing.verifying import verify
from tenancy.context import TenantContext
from tests.desk import Desk
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("worker")


async def test_worker_when_people_act_then_every_act_has_its_place_soon(
    desk: Desk, settings: Settings
) -> None:
    keys, context = settings.database.audit, TenantContext(desk.org_id)

    async def all_chained() -> int | None:
        pieces = [piece async for piece in exporting.ndjson(desk.database, context)]
        report = verify(b"".join(pieces).splitlines(keepends=True), keys)
        assert report.problems == ()
        waiting = any("not in the chain yet" in sentence for sentence in report.unproven)
        return None if waiting else report.events

    assert await eventually(all_chained, "nothing waits for its place", seconds=15) >= 5
