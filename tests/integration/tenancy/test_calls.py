import asyncio
from dataclasses import replace

import pytest

from backend.core.clock import now
from backend.core.db import connect
from backend.embedded.ports import free_port
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.calls import CallCounter, CallsUsedUpError
from tenancy.models.usage import ApiUsage
from tenancy.session import system, tenant
from tenancy.tiers import ALLOWANCES, Tier
from tests.faults import tunnel
from tests.fixtures.people import Office

ALLOWED = ALLOWANCES[Tier.FREE].calls


async def kept(office: Office) -> int:
    async with tenant(office.database, office.context) as session:
        row = await session.get(ApiUsage, (office.org_id, now().date().replace(day=1)))
        return row.calls if row else 0


async def call(counter: CallCounter, office: Office, times: int) -> None:
    for _ in range(times):
        await counter.take(office.org_id, Tier.FREE)


async def test_calls_of_all_processes_add_up(office: Office, stranger: Office) -> None:
    one, other = CallCounter(office.database), CallCounter(office.database)
    await call(one, office, 7)
    await call(other, office, 5)
    await call(other, stranger, 3)
    assert await one.used(office.org_id) == 7
    await asyncio.gather(one.bring(), other.bring())
    assert (await kept(office), await kept(stranger)) == (12, 3)
    assert await CallCounter(office.database).used(office.org_id) == 12


async def test_calls_are_brought_when_the_process_stops(office: Office) -> None:
    counter = CallCounter(office.database)
    counter.start()
    await call(counter, office, 4)
    await counter.stop()
    assert await kept(office) == 4


async def test_calls_are_kept_while_the_database_is_away(
    office: Office, postgres: EmbeddedPostgres
) -> None:
    there, port = f"127.0.0.1:{postgres.port}", free_port()
    dsn = postgres.dsn("app_system").replace(there, f"127.0.0.1:{port}")
    through = connect(replace(office.settings.database, app=dsn, system=dsn))
    counter = CallCounter(through)
    async with tunnel(there, port):
        await call(counter, office, 4)
    await counter.bring()
    assert await kept(office) == 0
    assert await counter.used(office.org_id) == 4
    async with tunnel(there, port):
        await counter.bring()
    assert await kept(office) == 4
    await through.close()


async def test_the_last_call_of_the_month_is_answered_and_the_next_one_refused(
    office: Office,
) -> None:
    async with system(office.database) as session:
        month = now().date().replace(day=1)
        session.add(ApiUsage(org_id=office.org_id, month=month, calls=ALLOWED - 1))
    counter = CallCounter(office.database)
    assert (await counter.take(office.org_id, Tier.FREE)).remaining == 0
    with pytest.raises(CallsUsedUpError) as refused:
        await counter.take(office.org_id, Tier.FREE)
    told = refused.value
    assert told.code == "quota_exceeded"
    assert told.extra["used"] == told.extra["allowed"] == ALLOWED
    assert 0 < int(told.headers["Retry-After"]) <= 31 * 86_400
    assert await counter.used(office.org_id) == ALLOWED  # a refused call is none
    assert (await counter.take(office.org_id, Tier.PROFESSIONAL)).remaining > 0
