"""The product's roles and database on a PostgreSQL that somebody else runs; the embedded one has its own way."""

from urllib.parse import unquote, urlsplit

import asyncpg

from backend.embedded.errors import StartupError
from backend.embedded.postgres_files import DATABASE_GRANTS, SCHEMA_GRANTS, role_statement


async def create_roles(admin: str, urls: dict[str, str]) -> None:
    """Create or correct roles, database and extension. ``admin`` is a superuser's connection string.

    ``urls`` holds the connection string of each role by its name: passwords and database are taken
    from there. Repeating it changes nothing.
    """
    databases = {_part(urlsplit(url).path.lstrip("/"), role) for role, url in urls.items()}
    if len(databases) != 1:
        raise StartupError("The connection strings of the roles name different databases.")
    database = databases.pop()
    server = await asyncpg.connect(admin)
    try:
        for role, url in urls.items():
            password = unquote(_part(urlsplit(url).password, role))
            exists = await server.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            await server.execute(role_statement("ALTER" if exists else "CREATE", role, password))
        if not await server.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await server.execute(f'CREATE DATABASE "{database}" OWNER app_owner')
        for grant in DATABASE_GRANTS:
            await server.execute(grant.format(database=database))
    finally:
        await server.close()
    inside = await asyncpg.connect(admin, database=database)
    try:
        await inside.execute("CREATE EXTENSION IF NOT EXISTS vector")
        for grant in SCHEMA_GRANTS:
            await inside.execute(grant)
    finally:
        await inside.close()


def _part(value: str | None, role: str) -> str:
    if not value:
        raise StartupError(f"The connection string of {role} must name a password and a database.")
    return value
