"""Generated over the catalogue: no table of a tenant escapes, and no role that serves can get around its policies."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from alembic import command
from backend.core.db import Database, connect, refuse_strong_roles, sqlalchemy_dsn
from backend.core.migrate import config
from backend.core.settings import DatabaseSettings, SettingsError
from backend.embedded.postgres import EmbeddedPostgres
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

SHARED = {"alembic_version", "proposal_transition"}
TABLES = text(
    "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
    " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid),"
    " EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id'),"
    " has_table_privilege('app_rw', c.oid, 'SELECT')"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
)


async def readable(connection: AsyncConnection) -> list[str]:
    """The tenant tables that the app may read."""
    rows = await connection.execute(TABLES)
    return sorted(name for name, *_, tenants, may_read in rows if tenants and may_read)


async def test_every_table_has_forced_policies_or_is_known_to_be_shared(database: Database) -> None:
    async with database.app.connect() as connection:
        rows = (await connection.execute(TABLES)).all()
    assert len(rows) > len(SHARED)
    assert {name for name, forced, has_policy, *_ in rows if not (forced and has_policy)} == SHARED


async def test_app_role_owns_nothing_and_may_not_truncate_or_refer(database: Database) -> None:
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r' AND"
        " (has_table_privilege('app_rw', c.oid, 'TRUNCATE, REFERENCES, TRIGGER')"
        " OR pg_get_userbyid(c.relowner) IN ('app_rw', 'app_system'))"
    )
    async with database.app.connect() as connection:
        assert (await connection.execute(query)).all() == []


async def test_without_a_tenant_no_table_shows_a_row(
    database: Database, proposer: Proposer
) -> None:
    await proposer.propose()
    async with database.app.connect() as connection:
        for table in await readable(connection):
            count = await connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            assert count == 0, table


async def test_one_tenant_sees_and_touches_none_of_anothers_rows(
    database: Database, proposer: Proposer, stranger: Office
) -> None:
    await proposer.propose()
    owner = proposer.office.org_id
    async with database.app.connect() as connection:
        tables = await readable(connection)
    seen = 0
    for table in tables:
        async with tenant(database, proposer.office.context) as session:
            seen += await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608
        async with tenant(database, stranger.context) as session:
            theirs = text(f"SELECT count(*) FROM {table} WHERE org_id = :owner")  # noqa: S608
            assert await session.scalar(theirs, {"owner": owner}) == 0, table
    assert seen > len(tables)


async def test_rows_cannot_be_planted_in_or_moved_to_another_tenant(
    database: Database, proposer: Proposer, stranger: Office
) -> None:
    await proposer.propose()
    moves = text("UPDATE proposal SET org_id = :other")
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with tenant(database, proposer.office.context) as session:
            await session.execute(moves, {"other": stranger.org_id})


async def test_start_up_refuses_a_role_that_can_bypass_the_policies(
    postgres: EmbeddedPostgres,
) -> None:
    strong = connect(DatabaseSettings(postgres.dsn("app_owner"), postgres.dsn("app_system"), None))
    with pytest.raises(SettingsError, match="app_owner"):
        await refuse_strong_roles(strong)
    await strong.close()


def test_models_and_migrations_say_the_same(postgres: EmbeddedPostgres) -> None:
    command.check(config(postgres.dsn("app_owner")))


async def test_owner_when_it_backfills_then_sees_every_row(
    postgres: EmbeddedPostgres, proposer: Proposer
) -> None:
    await proposer.propose()
    engine = create_async_engine(sqlalchemy_dsn(postgres.dsn("app_owner")))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM proposal")) > 0
    await engine.dispose()
