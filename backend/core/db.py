"""Engines of the database roles, the declarative base and the check that the app's role is weak enough."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, MetaData, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from backend.core.settings import DatabaseSettings, SettingsError

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables. Ids are UUIDs, times are timestamptz, open structures are jsonb."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        UUID: Uuid,
        datetime: DateTime(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


@dataclass(frozen=True, slots=True)
class Database:
    """One engine per role. Sessions are opened only by ``tenancy.session``."""

    app: AsyncEngine
    system: AsyncEngine

    def app_session(self) -> AsyncSession:
        """An unbound session of ``app_rw``; use ``tenancy.session.tenant`` instead."""
        return async_sessionmaker(self.app, expire_on_commit=False)()

    def system_session(self) -> AsyncSession:
        """An unbound session of ``app_system``; use ``tenancy.session.system`` instead."""
        return async_sessionmaker(self.system, expire_on_commit=False)()

    async def close(self) -> None:
        """Give all connections back."""
        await self.app.dispose()
        await self.system.dispose()


def connect(settings: DatabaseSettings, *, pool_size: int = 10) -> Database:
    """Engines for ``app_rw`` and ``app_system``. Opens no connection yet."""
    return Database(
        _engine(settings.app, pool_size), _engine(settings.system, max(2, pool_size // 2))
    )


def _engine(dsn: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        sqlalchemy_dsn(dsn),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text must not quote what a query was about
    )


def sqlalchemy_dsn(dsn: str) -> str:
    """The same address for SQLAlchemy over asyncpg."""
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


async def refuse_strong_roles(database: Database) -> None:
    """Raise :class:`SettingsError` unless both roles are bound by row-level security and own nothing."""
    query = text(
        "SELECT current_user, rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS ("
        "  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = 'public' AND pg_has_role(current_user, c.relowner, 'MEMBER'))"
        " FROM pg_roles WHERE rolname = current_user"
    )
    for engine in (database.app, database.system):
        async with engine.connect() as connection:
            role, strong = (await connection.execute(query)).one()
        if strong:
            raise SettingsError(
                f"database role {role!r} can get around row-level security; "
                "connect as app_rw and app_system, which own nothing"
            )
