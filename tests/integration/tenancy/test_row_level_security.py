"""Generated over the catalogue: no table escapes, and no role that serves can get around the policies."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import command
from backend.core.db import Database, connect, refuse_strong_roles, sqlalchemy_dsn
from backend.core.migrate import config
from backend.core.settings import Settings, SettingsError
from backend.embedded.postgres import EmbeddedPostgres
from tests.fixtures.proposals import Proposer

SHARED = {"alembic_version", "proposal_transition"}
TABLES = text(
    "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,"
    " EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
)


async def test_every_table_has_forced_policies_or_is_known_to_be_shared(database: Database) -> None:
    async with database.app.connect() as connection:
        rows = (await connection.execute(TABLES)).all()
    assert len(rows) > len(SHARED)
    assert {name for name, forced, has_policy in rows if not (forced and has_policy)} == SHARED


async def test_app_role_owns_nothing_and_may_not_truncate_or_refer(database: Database) -> None:
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r' AND"
        " (has_table_privilege('app_rw', c.oid, 'TRUNCATE, REFERENCES, TRIGGER')"
        " OR pg_get_userbyid(c.relowner) IN ('app_rw', 'app_system', 'app_sealer'))"
    )
    async with database.app.connect() as connection:
        assert (await connection.execute(query)).all() == []


async def test_start_up_refuses_a_role_that_can_bypass_the_policies(
    postgres: EmbeddedPostgres, settings: Settings
) -> None:
    strong = connect(replace(settings.database, app=postgres.dsn("app_owner")))
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
