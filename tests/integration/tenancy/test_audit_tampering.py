"""What a database administrator changes with SQL, past triggers and policies, is found in the next export."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core import db
from backend.core.settings import Settings
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.audit import AuditAction
from tenancy.auditing import exporting
from tenancy.auditing.sealing import checkpoint, seal
from tenancy.auditing.verifying import Anchor, Report, verify
from tenancy.changes import Change, record
from tenancy.session import tenant
from tests.fixtures.people import Office

Sql = Callable[..., Awaitable[str]]
_AT = "org_id = $1 AND id = (SELECT event_id FROM audit_link WHERE org_id = $1 AND seq = 12)"


@pytest.fixture
async def sealer(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = db.sealer(settings.database)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sql(postgres: EmbeddedPostgres) -> AsyncIterator[Sql]:
    """The superuser, with all triggers off."""
    connection = await asyncpg.connect(postgres.dsn("postgres"))
    await connection.execute("SET session_replication_role = replica")
    yield connection.execute
    await connection.close()


@pytest.fixture
async def log(office: Office, sealer: AsyncEngine) -> Office:
    """20 acts or more, a checkpoint, and 5 acts behind it."""
    for times in (20, 5):
        await act(office, times)
        while await seal(sealer, office.settings.database.audit):
            pass
        if times == 20:
            await checkpoint(sealer, office.settings.database.audit)
    assert (await report_of(office)).problems == ()
    return office


async def act(office: Office, times: int) -> None:
    async with tenant(office.database, office.context) as session:
        for number in range(times):
            details = {"limit": number, "of": "organization"}
            change = Change(office.org_id, audit=AuditAction.BUDGET_CHANGED, details=details)
            record(session, change)


async def report_of(office: Office, anchor: Anchor | None = None) -> Report:
    pieces = [piece async for piece in exporting.ndjson(office.database, office.context)]
    lines = b"".join(pieces).splitlines(keepends=True)
    return verify(lines, office.settings.database.audit, anchor)


@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "actor_id = (SELECT id FROM user_account LIMIT 1)",
        "channel = 'web'",
        "action = 'budget.deleted'",
        "subject_id = gen_random_uuid()",
        "details = jsonb_set(details, '{limit}', '1000000')",
        "details = details || '{\"more\": null}'",
        "details = details - 'of'",
        "request_id = 'another'",
        "mac = NULL",
        "mac = decode(repeat('00', 32), 'hex')",
        "key_id = 'm1.2'",
        "key_id = 'nonsense'",
    ],
)
async def test_event_when_any_column_is_changed_then_it_is_the_first_problem(
    log: Office, sql: Sql, change: str
) -> None:
    await sql(f"UPDATE audit_event SET {change} WHERE {_AT}", log.org_id)  # noqa: S608
    assert (await report_of(log)).problems[0].seq == 12


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (f"DELETE FROM audit_event WHERE {_AT}", 12),  # noqa: S608
        ("UPDATE audit_link SET mac = sha256('x') WHERE org_id = $1 AND seq = 12", 12),
        ("UPDATE audit_link SET key_id = 'm1.2' WHERE org_id = $1 AND seq = 12", 12),
        ("UPDATE audit_link SET seq = seq + 100 WHERE org_id = $1 AND seq = 12", 13),
        ("DELETE FROM audit_link WHERE org_id = $1 AND seq = 12", 13),
        ("UPDATE audit_link SET event_id = gen_random_uuid() WHERE org_id = $1 AND seq = 12", 12),
    ],
)
async def test_event_or_link_when_removed_or_changed_then_found_there(
    log: Office, sql: Sql, statement: str, seq: int
) -> None:
    await sql(statement, log.org_id)
    assert (await report_of(log)).problems[0].seq == seq


async def test_event_when_removed_and_the_rest_renumbered_then_found(log: Office, sql: Sql) -> None:
    await sql(f"DELETE FROM audit_event WHERE {_AT}", log.org_id)  # noqa: S608
    await sql("DELETE FROM audit_link WHERE org_id = $1 AND seq = 12", log.org_id)
    for step in ("seq + 100000", "seq - 100001"):
        await sql(
            f"UPDATE audit_link SET seq = {step} WHERE org_id = $1 AND seq > 12",  # noqa: S608
            log.org_id,
        )
    await sql("UPDATE audit_head SET seq = seq - 1 WHERE org_id = $1", log.org_id)
    assert (await report_of(log)).problems[0].seq == 12


async def test_events_when_two_change_places_then_found(log: Office, sql: Sql) -> None:
    for old, new in ((12, 0), (13, 12), (0, 13)):
        statement = "UPDATE audit_link SET seq = $3 WHERE org_id = $1 AND seq = $2"
        await sql(statement, log.org_id, old, new)
    assert (await report_of(log)).problems[0].seq == 12


async def test_event_when_forged_beside_the_chain_then_found(log: Office, sql: Sql) -> None:
    columns = "at, actor_id, channel, action, subject_id, details, request_id, mac, key_id"
    await sql(
        f"INSERT INTO audit_event (org_id, id, {columns})"  # noqa: S608
        f" SELECT org_id, gen_random_uuid(), {columns} FROM audit_event WHERE {_AT}",
        log.org_id,
    )
    report = await report_of(log)
    assert "changed or forged" in report.problems[0].what


async def test_event_when_it_is_another_organizations_then_found(
    log: Office, stranger: Office, sql: Sql
) -> None:
    await act(stranger, 1)
    await sql("UPDATE audit_event SET org_id = $1 WHERE org_id = $2", log.org_id, stranger.org_id)
    assert "changed or forged" in (await report_of(log)).problems[0].what


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_link WHERE org_id = $1 AND seq > 22",
        "UPDATE audit_head SET seq = 22 WHERE org_id = $1",
        "UPDATE audit_head SET mac = sha256('x') WHERE org_id = $1",
        "DELETE FROM audit_head WHERE org_id = $1",
        "UPDATE audit_checkpoint SET root = sha256('x') WHERE org_id = $1",
        "UPDATE audit_checkpoint SET at = at + interval '1 second' WHERE org_id = $1",
        "UPDATE audit_checkpoint SET size = size - 1 WHERE org_id = $1",
        "UPDATE audit_checkpoint SET signature = 'x' WHERE org_id = $1",
        "UPDATE audit_checkpoint SET key_id = 'm9.1' WHERE org_id = $1",
    ],
)
async def test_tail_head_or_checkpoint_when_changed_then_found(
    log: Office, sql: Sql, statement: str
) -> None:
    await sql(statement, log.org_id)
    assert (await report_of(log)).problems


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_head WHERE org_id = $1",
        "UPDATE audit_head SET seq = 3 WHERE org_id = $1",
        "UPDATE audit_head SET peaks = 'x' WHERE org_id = $1",
        "UPDATE audit_head SET key_id = 'x', mac = 'x' WHERE org_id = $1",
    ],
)
async def test_head_when_damaged_then_the_sealer_makes_it_anew_from_the_links(
    log: Office, sql: Sql, sealer: AsyncEngine, statement: str
) -> None:
    await sql(statement, log.org_id)
    await act(log, 2)
    keys = log.settings.database.audit
    while await seal(sealer, keys):
        pass
    await checkpoint(sealer, keys)
    assert (await report_of(log)).problems == ()


async def test_log_when_set_back_with_its_head_then_the_checkpoint_or_an_anchor_shows_it(
    log: Office, sql: Sql, sealer: AsyncEngine
) -> None:
    keys = log.settings.database.audit
    [kept] = [one for one in await checkpoint(sealer, keys) if one.org_id == log.org_id]
    for table, column in (("audit_link", "seq"), ("audit_checkpoint", "size")):
        await sql(f"DELETE FROM {table} WHERE org_id = $1 AND {column} > 13", log.org_id)  # noqa: S608
    await sql(
        "DELETE FROM audit_event e WHERE org_id = $1 AND NOT EXISTS"
        " (SELECT FROM audit_link l WHERE l.org_id = $1 AND l.event_id = e.id)",
        log.org_id,
    )
    await sql(
        "UPDATE audit_head h SET seq = 13, mac = l.mac FROM audit_link l"
        " WHERE h.org_id = $1 AND l.org_id = $1 AND l.seq = 13",
        log.org_id,
    )
    assert (await report_of(log)).problems == ()
    [problem] = (await report_of(log, Anchor(kept.size, kept.root))).problems
    assert "it was cut" in problem.what


async def test_event_when_changed_before_it_is_sealed_then_found_all_the_same(
    office: Office, sql: Sql, sealer: AsyncEngine
) -> None:
    await act(office, 1)
    await sql("UPDATE audit_event SET details = '{}' WHERE org_id = $1", office.org_id)
    assert "changed or forged" in (await report_of(office)).problems[0].what
    while await seal(sealer, office.settings.database.audit):
        pass
    assert "changed or forged" in (await report_of(office)).problems[0].what
