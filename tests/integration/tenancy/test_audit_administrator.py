"""A log of 10,000 events: whatever a database administrator does to it with SQL, past every trigger, is found."""

# ruff: noqa: S608

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

import asyncpg
import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from backend.core import db
from backend.core.crypto import AuditKeys
from backend.core.db import Database
from backend.core.ids import OrgId, UserId
from backend.core.settings import Settings
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.audit import AuditAction
from tenancy.auditing import exporting
from tenancy.auditing.sealing import checkpoint, seal
from tenancy.auditing.verifying import Anchor, Report, Verifier
from tenancy.changes import Change, record
from tenancy.context import TenantContext
from tenancy.organizations import create_organization
from tenancy.session import tenant
from tenancy.tiers import Tier

COUNT, SIGNED, STEP = 10_000, 9_000, 500
FORGED = "00000000-0000-7000-8000-00000000f00d"
TABLES = ("audit_event", "audit_link", "audit_head", "audit_checkpoint")


@dataclass(frozen=True)
class Tampering:
    """Statements about the organization ``$1``. ``quiet``: so thorough that only a root kept elsewhere shows it."""

    tables: tuple[str, ...]
    statements: tuple[str, ...]
    quiet: bool = False


def event_at(seq: int) -> str:
    return (
        f"org_id = $1 AND id = (SELECT event_id FROM audit_link WHERE org_id = $1 AND seq = {seq})"
    )


def changed(seq: int, change: str) -> Tampering:
    return Tampering(("audit_event",), (f"UPDATE audit_event SET {change} WHERE {event_at(seq)}",))


def link_changed(seq: int, change: str) -> Tampering:
    of = f"org_id = $1 AND seq = {seq}"
    return Tampering(("audit_link",), (f"UPDATE audit_link SET {change} WHERE {of}",))


def sign_changed(change: str) -> Tampering:
    newest = "size = (SELECT max(size) FROM audit_checkpoint WHERE org_id = $1)"
    statement = f"UPDATE audit_checkpoint SET {change} WHERE org_id = $1 AND {newest}"
    return Tampering(("audit_checkpoint",), (statement,))


def moved(behind: int, by: int) -> tuple[str, ...]:
    """All links behind one of them get other numbers; in two steps, for the numbers are unique."""
    of, far = "UPDATE audit_link SET seq = seq", 10 * COUNT
    return (
        f"{of} + {far} WHERE org_id = $1 AND seq > {behind}",
        f"{of} - {far - by} WHERE org_id = $1 AND seq > {far}",
        f"UPDATE audit_head SET seq = seq + {by} WHERE org_id = $1",
    )


def dropped(seq: int, how: str) -> Tampering:
    event = f"DELETE FROM audit_event WHERE {event_at(seq)}"
    link = f"DELETE FROM audit_link WHERE org_id = $1 AND seq = {seq}"
    statements = {"event": (event,), "link": (link,), "both": (event, link)}
    closed = (event, link, *moved(seq, -1))
    return Tampering(("audit_event", "audit_link", "audit_head"), statements.get(how, closed))


def swapped(both: list[int], how: str) -> Tampering:
    one, other = both
    if how == "places":
        of = "UPDATE audit_link SET seq = {} WHERE org_id = $1 AND seq = {}"
        steps = (of.format(0, one), of.format(one, other), of.format(other, 0))
        return Tampering(("audit_link",), steps)
    details = f"SELECT details FROM audit_event WHERE {event_at(other)}"
    statement = f"UPDATE audit_event SET details = ({details}) WHERE {event_at(one)}"
    return Tampering(("audit_event",), (statement,))


def inserted(seq: int, *, linked: bool) -> Tampering:
    columns = "at, actor_id, channel, action, subject_id, details, request_id, mac, key_id"
    event = (
        f"INSERT INTO audit_event (org_id, id, {columns})"
        f" SELECT org_id, '{FORGED}', {columns} FROM audit_event WHERE {event_at(seq)}"
    )
    link = (
        "INSERT INTO audit_link (org_id, seq, event_id, mac, key_id)"
        f" SELECT org_id, {seq + 1}, '{FORGED}', mac, key_id FROM audit_link WHERE org_id = $1 AND seq = {seq}"
    )
    statements = (event, *moved(seq, 1), link) if linked else (event,)
    return Tampering(("audit_event", "audit_link", "audit_head"), statements)


def cut(seq: int, how: int) -> Tampering:
    """The links behind one of them are gone; then also the head's memory of them, the checkpoints, the events."""
    both = f"h.org_id = $1 AND l.org_id = $1 AND l.seq = {seq}"
    link = "SELECT FROM audit_link l WHERE l.org_id = $1 AND l.event_id = e.id"
    steps = (
        f"DELETE FROM audit_link WHERE org_id = $1 AND seq > {seq}",
        f"UPDATE audit_head h SET seq = {seq}, mac = l.mac FROM audit_link l WHERE {both}",
        f"DELETE FROM audit_checkpoint WHERE org_id = $1 AND size > {seq}",
        f"DELETE FROM audit_event e WHERE org_id = $1 AND NOT EXISTS ({link})",
    )
    quiet = how > 2 or (how == 2 and seq >= SIGNED)
    return Tampering(TABLES, steps[:how], quiet)


SEQS = st.integers(2, COUNT)  # the first act is of another kind
EVENT_CHANGES = (
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
    "mac = sha256(mac)",
    "key_id = 'm1.2'",
)
LINK_CHANGES = ("mac = sha256(mac)", "key_id = 'm1.2'", "event_id = gen_random_uuid()")
SIGN_CHANGES = (
    "root = sha256(root)",
    "at = at + interval '1 second'",
    "size = size - 1",
    "signature = signature || '\\x00'::bytea",
    "key_id = 'm9.1'",
)
TAMPERINGS = st.one_of(
    st.builds(changed, SEQS, st.sampled_from(EVENT_CHANGES)),
    st.builds(link_changed, SEQS, st.sampled_from(LINK_CHANGES)),
    st.builds(sign_changed, st.sampled_from(SIGN_CHANGES)),
    st.builds(dropped, SEQS, st.sampled_from(("event", "link", "both", "closed"))),
    st.builds(
        swapped,
        st.lists(SEQS, min_size=2, max_size=2, unique=True),
        st.sampled_from(("places", "details")),
    ),
    st.builds(inserted, SEQS, linked=st.booleans()),
    st.builds(cut, st.integers(1, COUNT - 1), st.integers(1, 4)),
)


@dataclass(frozen=True)
class Log:
    """The honest export, and what a verifier knows every 500 lines of it."""

    org_id: OrgId
    lines: list[bytes]
    states: list[Verifier]
    anchor: Anchor

    def report_of(self, lines: list[bytes], anchor: Anchor | None) -> Report:
        """What is found in another export: read from where it differs, up to the first problem."""
        pairs = zip(self.lines, lines, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        assert same < len(self.lines), "nothing was changed"
        begun = same // STEP
        verifier = replace(self.states[begun], problems=[], anchor=anchor)
        for line in lines[begun * STEP :]:
            verifier.take(line)
            if verifier.found:
                break
        return verifier.report()


@pytest.fixture(scope="module")
def log(settings: Settings, accounts: Mapping[str, UserId]) -> Log:
    """10,000 acts, a checkpoint after each thousand but the last."""
    assert accounts
    keys = settings.database.audit

    async def written() -> tuple[OrgId, list[bytes]]:
        database, sealer = db.connect(settings.database, pool_size=2), db.sealer(settings.database)
        org_id = await create_organization(
            database, slug="ten-thousand", name="Ten Thousand", is_demo=False, tier=Tier.ENTERPRISE
        )
        async with tenant(database, TenantContext(org_id)) as session:
            for number in range(COUNT - 1):  # the organization's creation is the first
                details = {"limit": number, "of": "organization"}
                record(session, Change(org_id, audit=AuditAction.BUDGET_CHANGED, details=details))
        sealed = 0
        while done := await seal(sealer, keys, limit=1_000):
            if (sealed := sealed + done) < COUNT:
                await checkpoint(sealer, keys)
        lines = await exported(database, org_id)
        await database.close()
        await sealer.dispose()
        return org_id, lines

    return known(*asyncio.run(written()), keys)


def known(org_id: OrgId, lines: list[bytes], keys: AuditKeys) -> Log:
    verifier, states = Verifier(keys), list[Verifier]()
    for number, line in enumerate(lines):
        if number % STEP == 0:
            states.append(replace(verifier, problems=[]))
        verifier.take(line)
    report = verifier.report()
    assert (report.events, report.problems) == (COUNT, ())
    return Log(org_id, lines, states, Anchor(report.events, report.root))


@dataclass(frozen=True)
class Administrator:
    """The superuser, with all triggers off; what they did is undone when they are done."""

    connection: asyncpg.Connection
    org_id: OrgId

    async def keep(self) -> None:
        for table in TABLES:
            of = f"SELECT * FROM {table} WHERE org_id = '{self.org_id}'"
            await self.connection.execute(f"CREATE TEMP TABLE kept_{table} AS {of}")
            await self.connection.execute(f"ANALYZE {table}")

    async def tamper(self, tampering: Tampering) -> None:
        for statement in tampering.statements:
            await self.connection.execute(statement, self.org_id)

    async def undo(self, tampering: Tampering) -> None:
        """Only what differs is written again, as these tables have many indexes."""
        for table in tampering.tables:
            kept, same = f"kept_{table}", "(here.*)::text = (kept.*)::text"
            await self.connection.execute(
                f"DELETE FROM {table} here WHERE org_id = $1"
                f" AND NOT EXISTS (SELECT FROM {kept} kept WHERE {same})",
                self.org_id,
            )
            await self.connection.execute(
                f"INSERT INTO {table} SELECT * FROM {kept} kept WHERE NOT EXISTS"
                f" (SELECT FROM {table} here WHERE org_id = $1 AND {same})",
                self.org_id,
            )


@pytest.fixture
async def administrator(postgres: EmbeddedPostgres, log: Log) -> AsyncIterator[Administrator]:
    connection = await asyncpg.connect(postgres.dsn("postgres"))
    await connection.execute("SET session_replication_role = replica")
    one = Administrator(connection, log.org_id)
    await one.keep()
    yield one
    await connection.close()


async def exported(database: Database, org_id: OrgId) -> list[bytes]:
    pieces = [piece async for piece in exporting.ndjson(database, TenantContext(org_id))]
    return b"".join(pieces).splitlines(keepends=True)


@pytest.mark.long
@hypothesis.settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tampering=TAMPERINGS)
async def test_log_of_ten_thousand_when_an_administrator_changes_it_then_found(
    log: Log, administrator: Administrator, database: Database, tampering: Tampering
) -> None:
    try:
        await administrator.tamper(tampering)
        lines = await exported(database, log.org_id)
    finally:
        await administrator.undo(tampering)
    assert log.report_of(lines, log.anchor if tampering.quiet else None).problems
