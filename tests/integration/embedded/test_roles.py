"""Roles and database on a PostgreSQL that runs elsewhere (here: an embedded one plays it)."""

import asyncpg
import pytest

from backend.embedded.errors import StartupError
from backend.embedded.postgres import ROLES, EmbeddedPostgres
from backend.embedded.roles import create_roles


def urls(server: EmbeddedPostgres, password: str, database: str = "elsewhere") -> dict[str, str]:
    return {
        role: f"postgresql://{role}:{password}@127.0.0.1:{server.port}/{database}" for role in ROLES
    }


async def test_create_roles_when_repeated_with_new_passwords_then_these_open_the_database(
    own_postgres: EmbeddedPostgres,
) -> None:
    server = own_postgres
    admin = server.dsn("postgres", database="postgres")
    for password in ("first", "it's second"):
        wanted = urls(server, password.replace("'", "%27").replace(" ", "%20"))
        await create_roles(admin, wanted)
        for url in wanted.values():
            connection = await asyncpg.connect(url)
            assert await connection.fetchval("SELECT count(*) FROM pg_extension") == 2
            await connection.close()


async def test_create_roles_when_the_addresses_differ_then_refuses(
    own_postgres: EmbeddedPostgres,
) -> None:
    server = own_postgres
    mixed = urls(server, "x") | {"app_rw": urls(server, "x", "other")["app_rw"]}
    with pytest.raises(StartupError, match="different databases"):
        await create_roles(server.dsn("postgres", database="postgres"), mixed)
