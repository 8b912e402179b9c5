"""The sealer: every committed event gets one place, whoever is killed or else at it; nobody else writes there."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core import db
from backend.core.crypto import AuditKeys
from backend.core.db import Database, connect
from backend.core.settings import DatabaseSettings, Settings, SettingsError, process_environment
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.audit import AuditAction
from tenancy.auditing import exporting
from tenancy.auditing.sealing import checkpoint, seal
from tenancy.auditing.verifying import Report, verify
from tenancy.changes import Change, record, write_audit
from tenancy.context import TenantContext
from tenancy.models.audit import AuditLink
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.waiting import eventually
from tests.worker import ROOT
from workflows.sealer import Sealer

_SEALER = """
import asyncio
from backend.core import db
from backend.core.settings import load
from workflows.sealer import Sealer

async def work():
    settings = load().database
    await Sealer(db.sealer(settings), settings.audit).run()

asyncio.run(work())
"""


@pytest.fixture
async def sealer(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = db.sealer(settings.database)
    yield engine
    await engine.dispose()


async def tell(office: Office, change: Change) -> None:
    async with tenant(office.database, office.context) as session:
        record(session, change)


async def write_and_fail(office: Office) -> None:
    async with tenant(office.database, office.context) as session:
        change = Change(office.org_id, audit=AuditAction.BUDGET_CHANGED)
        await write_audit(session, office.context, [change])
        raise LookupError


async def act(database: Database, context: TenantContext, times: int = 1) -> None:
    async with tenant(database, context) as session:
        for number in range(times):
            details = {"number": number, "share": 1.50, "name": "Zoë \N{SNOWMAN}", "of": [None]}
            record(
                session, Change(context.org_id, audit=AuditAction.BUDGET_CHANGED, details=details)
            )


async def seal_all(sealer: AsyncEngine, keys: AuditKeys, limit: int = 1_000) -> None:
    while await seal(sealer, keys, limit=limit):
        pass


async def report_of(office: Office) -> Report:
    pieces = [piece async for piece in exporting.ndjson(office.database, office.context)]
    return verify(b"".join(pieces).splitlines(keepends=True), office.settings.database.audit)


async def places(office: Office) -> list[int]:
    async with tenant(office.database, office.context) as session:
        return list(await session.scalars(select(AuditLink.seq).order_by(AuditLink.seq)))


async def test_events_of_two_organizations_when_sealed_in_small_batches_then_each_chain_is_whole(
    office: Office, stranger: Office, sealer: AsyncEngine
) -> None:
    keys = office.settings.database.audit
    await seal_all(sealer, keys)
    for _ in range(3):
        await act(office.database, office.context, 5)
        await act(office.database, stranger.context, 4)
    await seal_all(sealer, keys, limit=7)
    await checkpoint(sealer, keys)
    for one in (office, stranger):
        report = await report_of(one)
        assert (report.problems, report.checkpoints) == ((), 1)
        assert len(report.unproven) == 1
        assert await places(one) == list(range(1, report.events + 1))


async def test_event_when_its_transaction_fails_then_it_leaves_no_trace(
    office: Office, sealer: AsyncEngine
) -> None:
    keys = office.settings.database.audit
    await seal_all(sealer, keys)
    before = await places(office)
    with pytest.raises(LookupError):
        await write_and_fail(office)
    await act(office.database, office.context)
    await seal_all(sealer, keys)
    assert await places(office) == [*before, len(before) + 1]


async def test_event_when_not_sealed_yet_then_the_export_has_it_and_says_so(
    office: Office, sealer: AsyncEngine
) -> None:
    await seal_all(sealer, office.settings.database.audit)
    sealed = (await report_of(office)).events
    await act(office.database, office.context, 3)
    report = await report_of(office)
    assert (report.events, report.problems) == (sealed, ())
    assert any(one.startswith("3 events are not in the chain yet") for one in report.unproven)


async def test_sealer_when_killed_again_and_again_while_people_act_then_nothing_is_lost_or_doubled(
    office: Office, environ: Mapping[str, str], sealer: AsyncEngine
) -> None:
    keys = office.settings.database.audit
    await seal_all(sealer, keys)
    before = len(await places(office))
    for kill in range(4):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _SEALER), cwd=ROOT, env={**process_environment(), **environ}
        )
        reached = len(await places(office))
        try:
            for _ in range(20):
                await act(office.database, office.context, 2)

            async def goes_on(reached: int = reached) -> bool:
                return len(await places(office)) > reached

            await eventually(goes_on, f"the sealer works, kill {kill}", seconds=30)
        finally:
            process.kill()
            await process.wait()
    await seal_all(sealer, keys)
    assert await places(office) == list(range(1, before + 160 + 1))
    assert (await report_of(office)).problems == ()


async def test_two_sealers_at_once_when_many_act_then_one_chain(
    office: Office, settings: Settings, sealer: AsyncEngine
) -> None:
    other, keys = db.sealer(settings.database), settings.database.audit
    running = [asyncio.create_task(Sealer(one, keys).run()) for one in (sealer, other)]
    await asyncio.gather(*(act(office.database, office.context, 3) for _ in range(30)))

    async def sealed() -> bool:
        report = await report_of(office)
        return report.events >= 90 and len(report.unproven) <= 2 and not report.problems

    await eventually(sealed, "both have sealed all", seconds=20)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await other.dispose()


async def test_keys_when_rotated_then_old_and_new_events_are_proven_and_the_old_key_stays_out(
    office: Office, settings: Settings, sealer: AsyncEngine
) -> None:
    old = settings.database.audit
    new = AuditKeys(old.keys, old.generation + 1)
    rotated = connect(replace(settings.database, audit=new), pool_size=1)
    await act(office.database, office.context, 2)
    await seal_all(sealer, old)
    await act(rotated, office.context, 2)
    await seal_all(sealer, new)
    await act(office.database, office.context)  # a process that has not been restarted yet
    await seal_all(sealer, old)
    await rotated.close()
    assert (await report_of(office)).problems == ()
    async with tenant(office.database, office.context) as session:
        used = list(await session.scalars(select(AuditLink.key_id).order_by(AuditLink.seq)))
    assert used[-3:] == ["m1.2"] * 3
    assert set(used[:-3]) == {"m1.1"}


async def test_an_event_with_a_number_that_the_database_would_round_is_refused(
    office: Office,
) -> None:
    details = {"of": [{"amount": 1e17}]}
    with pytest.raises(ValueError, match="too large a number"):
        await tell(office, Change(office.org_id, audit=AuditAction.BUDGET_CHANGED, details=details))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_link VALUES (app_org(), 99, gen_random_uuid(), '', 'm1.1')",
        "UPDATE audit_link SET mac = ''",
        "DELETE FROM audit_link",
        "UPDATE audit_head SET seq = 0",
        "DELETE FROM audit_head",
        "DELETE FROM audit_checkpoint",
        "SELECT * FROM audit_inbox",
        "DELETE FROM audit_inbox",
        "TRUNCATE audit_event",
    ],
)
async def test_the_app_when_it_reaches_for_the_chain_then_refused(
    office: Office, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with tenant(office.database, office.context) as session:
            await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT details FROM audit_event",
        "UPDATE audit_link SET mac = ''",
        "DELETE FROM audit_link",
        "DELETE FROM audit_checkpoint",
        "SELECT name FROM organization",
    ],
)
async def test_the_sealer_when_it_reaches_beyond_its_work_then_refused(
    sealer: AsyncEngine, statement: str
) -> None:
    async with sealer.connect() as connection:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_event", "audit_link", "audit_checkpoint"])
async def test_the_owner_when_it_would_change_the_log_then_refused(
    postgres: EmbeddedPostgres, settings: Settings, table: str
) -> None:
    owner = db.sealer(replace(settings.database, sealer=postgres.dsn("app_owner")))
    for statement in (f"UPDATE {table} SET org_id = org_id", f"DELETE FROM {table}"):  # noqa: S608
        async with owner.connect() as connection:
            with pytest.raises(Exception, match="append-only"):
                await connection.execute(text(statement))
    await owner.dispose()


async def test_worker_when_the_sealers_address_is_missing_or_too_strong_then_refused(
    postgres: EmbeddedPostgres, settings: Settings
) -> None:
    without: DatabaseSettings = replace(settings.database, sealer=None)
    with pytest.raises(SettingsError, match="COUNTERSIGN_SEALER_DATABASE_URL"):
        db.sealer(without)
    strong = db.sealer(replace(settings.database, sealer=postgres.dsn("app_owner")))
    with pytest.raises(SettingsError, match="app_owner"):
        await db.refuse_strong_role(strong)
    await strong.dispose()
