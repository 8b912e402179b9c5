import asyncio
import random

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from backend.core.clock import now
from backend.core.db import Database, connect
from backend.core.ids import new_uuid
from backend.core.settings import Settings
from backend.runs.models import RunRow
from tenancy.changes import Change, EventKind, record
from tenancy.models.change import AuditEvent, Event, EventCounter, Outbox
from tenancy.models.organization import Team
from tenancy.session import NoTenantError, context_of, system, tenant
from tests.fixtures.people import Office


async def test_a_pool_never_carries_one_organization_into_the_next(
    settings: Settings, office: Office, stranger: Office
) -> None:
    database = connect(settings.database, pool_size=2)

    async def look(index: int) -> None:
        at = random.choice((office, stranger))  # noqa: S311
        async with tenant(database, at.context) as session:
            assert set(await session.scalars(select(Team.org_id))) == {at.org_id}
            if index % 3 == 0:
                await session.rollback()
            elif index % 3 == 1:
                await session.execute(text("SELECT pg_sleep(0.005)"))

    async def give_up(index: int) -> None:
        task = asyncio.create_task(look(index))
        await asyncio.wait({task}, timeout=random.random() * 0.02)  # noqa: S311
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*(look(i) for i in range(150)), *(give_up(i) for i in range(50)))
    async with database.app.connect() as connection:
        bound = await connection.scalar(text("SELECT current_setting('app.org_id', true)"))
        assert not bound
        assert await connection.scalar(text("SELECT count(*) FROM team")) == 0
    await database.close()


async def test_a_session_without_an_organization_is_refused(database: Database) -> None:
    async with database.app_session() as session:
        with pytest.raises(NoTenantError):
            await session.execute(select(Team))
    async with system(database) as session:
        with pytest.raises(NoTenantError):
            context_of(session)


async def test_rows_of_another_organization_cannot_be_written_or_moved(
    database: Database, office: Office, stranger: Office
) -> None:
    values = {"org_id": stranger.org_id, "id": new_uuid(), "name": "Planted"}
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with tenant(database, office.context) as session:
            await session.execute(insert(Team).values(**values))
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with tenant(database, office.context) as session:
            await session.execute(update(Team).values(org_id=stranger.org_id))


async def test_the_system_role_reads_no_business_data(database: Database) -> None:
    for table in (RunRow, Event, AuditEvent):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with system(database) as session:
                await session.execute(select(table).limit(1))


async def test_event_numbers_have_no_gaps_and_a_failed_change_leaves_none(office: Office) -> None:
    async def change(index: int) -> None:
        async with tenant(office.database, office.context) as session:
            record(session, Change(office.org_id, event=EventKind.RUN_CHANGED))
            if index % 3 == 0:
                raise LookupError

    results = await asyncio.gather(*(change(i) for i in range(30)), return_exceptions=True)
    assert sum(isinstance(result, LookupError) for result in results) == 10
    async with tenant(office.database, office.context) as session:
        numbers = list(await session.scalars(select(Event.seq).order_by(Event.seq)))
        assert await session.scalar(select(EventCounter.last_seq)) == len(numbers)
    assert numbers == list(range(1, len(numbers) + 1))


async def test_the_audit_can_only_grow(database: Database, office: Office) -> None:
    for statement in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with tenant(database, office.context) as session:
                await session.execute(text(statement))


async def test_the_app_writes_wake_ups_and_cannot_read_those_of_others(
    database: Database, office: Office
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with tenant(database, office.context) as session:
            await session.execute(select(Outbox.delivered_at).where(Outbox.created_at < now()))
