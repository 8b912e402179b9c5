"""Generated over the catalogue: what one tenant tries with another's rows, on every table, in every way SQL has."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.core.db import Database
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

_TENANTS = (
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    " JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id' WHERE c.relkind IN ('r', 'p')"
)
_MAY = (
    "SELECT c.relname, has_table_privilege('app_rw', c.oid, 'SELECT'),"
    " has_table_privilege('app_rw', c.oid, 'INSERT'), has_table_privilege('app_rw', c.oid, 'DELETE'),"
    " (SELECT min(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    "  AND NOT a.attisdropped AND has_column_privilege('app_rw', c.oid, a.attnum, 'UPDATE')),"
    " has_column_privilege('app_rw', c.oid, 'org_id', 'UPDATE')"
)
TABLES = text(f"{_MAY} {_TENANTS} ORDER BY c.relname")
LONE_KEYS = text(
    f"SELECT i.indexrelid::regclass::text {_TENANTS.replace('WHERE', 'JOIN pg_index i ON i.indrelid = c.oid WHERE')}"
    " AND i.indisunique AND NOT o.attnum = ANY (i.indkey) AND has_table_privilege('app_rw', c.oid, 'INSERT, UPDATE')"
)
LONE_REFERENCES = text(
    "SELECT k.conname FROM pg_constraint k"
    " JOIN pg_attribute mine ON mine.attrelid = k.conrelid AND mine.attname = 'org_id'"
    " JOIN pg_attribute theirs ON theirs.attrelid = k.confrelid AND theirs.attname = 'org_id'"
    " WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM generate_subscripts(k.conkey, 1) AS at"
    "  WHERE k.conkey[at] = mine.attnum AND k.confkey[at] = theirs.attnum)"
)


RANDOM_KEYS = {
    "pk_outbox",
    "pk_outgoing_mail",
    "uq_api_key_prefix",
    "uq_invitation_token_hash",
    "uq_webhook_secret_connection_id",
}  # ids that nobody can guess


@dataclass(frozen=True)
class Table:
    """A tenant table and what the app may do with it; ``column`` is one that it may change."""

    name: str
    shown: bool
    planted: bool
    deleted: bool
    column: str | None
    moved: bool

    def attacks(self) -> list[str]:
        """Every statement that could change, remove or show rows of ``:owner``."""
        tried = [f"SELECT org_id FROM {self.name} WHERE org_id = :owner"]  # noqa: S608
        if self.column:
            tried.append(
                f'UPDATE {self.name} SET "{self.column}" = "{self.column}"'  # noqa: S608
                " WHERE org_id = :owner RETURNING org_id"
            )
        if self.deleted:
            tried.append(f"DELETE FROM {self.name} WHERE org_id = :owner RETURNING org_id")  # noqa: S608
        return tried


async def tables(database: Database) -> list[Table]:
    async with database.app.connect() as connection:
        return [Table(*row) for row in await connection.execute(TABLES)]


async def reached(
    by: AsyncConnection | AsyncSession, table: Table, owner: object
) -> Sequence[object]:
    """What the statements got hold of; those that the role may not even try got nothing."""
    found: list[object] = []
    for attack in table.attacks():
        step = await by.begin_nested()
        try:
            found += (await by.execute(text(attack), {"owner": owner})).all()
        except IntegrityError as error:
            found.append(error)
        except ProgrammingError as error:
            assert "permission denied" in str(error), attack  # noqa: PT017 - the refusal is wanted
        await step.rollback()
    return found


async def test_rows_of_another_tenant_cannot_be_read_changed_or_removed(
    database: Database, proposer: Proposer, stranger: Office
) -> None:
    await proposer.executed()
    owner, own = proposer.office.org_id, 0
    for table in await tables(database):
        async with tenant(database, stranger.context) as session:
            assert await reached(session, table, owner) == [], table
        async with tenant(database, proposer.office.context) as session:
            own += bool(await reached(session, table, owner))
    assert own > 10


async def test_without_a_tenant_nothing_can_be_read_changed_or_removed(
    database: Database, proposer: Proposer
) -> None:
    await proposer.executed()
    async with database.app.connect() as connection:
        for table in await tables(database):
            assert await reached(connection, table, proposer.office.org_id) == [], table


async def test_a_row_cannot_be_planted_in_another_tenant(
    database: Database, office: Office, stranger: Office
) -> None:
    tried = [table.name for table in await tables(database) if table.planted]
    assert len(tried) > 10
    for name in tried:
        planted = text(f"INSERT INTO {name} (org_id) VALUES (:other)")  # noqa: S608
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with tenant(database, office.context) as session:
                await session.execute(planted, {"other": stranger.org_id})


async def test_a_row_cannot_be_moved_to_another_tenant(
    database: Database, proposer: Proposer, stranger: Office
) -> None:
    await proposer.executed()
    tried = 0
    for table in await tables(database):
        if not (table.moved and table.shown):
            continue
        moved = text(f"UPDATE {table.name} SET org_id = :other")  # noqa: S608
        async with tenant(database, proposer.office.context) as session:
            here = await session.scalar(text(f"SELECT count(*) FROM {table.name}"))  # noqa: S608
        if here:
            tried += 1
            with pytest.raises(ProgrammingError, match="row-level security"):
                async with tenant(database, proposer.office.context) as session:
                    await session.execute(moved, {"other": stranger.org_id})
    assert tried > 5


async def test_another_tenants_ids_and_values_cannot_be_probed_by_keys(database: Database) -> None:
    """A reference to another's row is no reference, and a value that another has is free."""
    async with database.app.connect() as connection:
        assert (await connection.execute(LONE_REFERENCES)).all() == []
        lone = {name for (name,) in await connection.execute(LONE_KEYS)}
    assert lone == RANDOM_KEYS


async def test_counters_and_functions_tell_nothing_of_other_tenants(database: Database) -> None:
    sequences = text(
        "SELECT c.relname FROM pg_class c WHERE CASE WHEN c.relkind = 'S'"
        " THEN has_sequence_privilege('app_rw', c.oid, 'USAGE, SELECT, UPDATE') END"
    )
    functions = text(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    async with database.app.connect() as connection:
        assert (await connection.execute(sequences)).all() == []
        assert set(await connection.scalars(functions)) == {"queue_audit_event"}  # tells nothing
