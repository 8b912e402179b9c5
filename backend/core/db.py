"""Engines of the database roles, the declarative base and the check that the app's role is weak enough."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, DateTime, MetaData, Uuid, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

from backend.core.crypto import AuditKeys
from backend.core.settings import DatabaseSettings, SettingsError

_AUDIT = "audit"
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
    """One engine per role; ``lookups`` is ``system`` with its pool, without transactions.

    Sessions are opened only by ``tenancy.session``.
    """

    app: AsyncEngine
    system: AsyncEngine
    lookups: AsyncEngine
    audit: AuditKeys

    def app_session(self) -> AsyncSession:
        """An unbound session of ``app_rw``; use ``tenancy.session.tenant`` instead."""
        return self._session(self.app)

    def system_session(self) -> AsyncSession:
        """An unbound session of ``app_system``; use ``tenancy.session.system`` instead."""
        return self._session(self.system)

    async def close(self) -> None:
        """Give all connections back."""
        await self.app.dispose()
        await self.system.dispose()

    def _session(self, engine: AsyncEngine) -> AsyncSession:
        return AsyncSession(engine, expire_on_commit=False, info={_AUDIT: self.audit})


def audit_keys(session: AsyncSession) -> AuditKeys:
    """The keys with which this session's acts are authenticated."""
    keys: AuditKeys = session.sync_session.info[_AUDIT]
    return keys


def connect(settings: DatabaseSettings, *, pool_size: int = 10) -> Database:
    """Engines for ``app_rw`` and ``app_system``. Opens no connection yet."""
    system = _engine(settings.system, max(2, pool_size // 2))
    return Database(
        _engine(settings.app, pool_size),
        system,
        system.execution_options(isolation_level="AUTOCOMMIT"),
        settings.audit,
    )


def sealer(settings: DatabaseSettings) -> AsyncEngine:
    """The engine of ``app_sealer``, for the worker alone. Raises :class:`SettingsError` without its address."""
    if settings.sealer is None:
        raise SettingsError(
            "COUNTERSIGN_SEALER_DATABASE_URL is not set; the worker chains the audit as app_sealer, see .env.example"
        )
    return _engine(settings.sealer, 1)


def _engine(dsn: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        sqlalchemy_dsn(dsn),
        json_deserializer=msgspec.json.decode,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,
        hide_parameters=True,  # an error's text must not quote what a query was about
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, *_: object) -> None:
    """Have the pool replace a connection that the server has closed; unlike a ping it asks nobody."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server has closed this connection")


def sqlalchemy_dsn(dsn: str) -> str:
    """The same address for SQLAlchemy over asyncpg."""
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


async def refuse_strong_roles(database: Database) -> None:
    """Raise :class:`SettingsError` unless both roles are bound by row-level security and own nothing."""
    for engine in (database.app, database.system):
        await refuse_strong_role(engine)


async def refuse_strong_role(engine: AsyncEngine) -> None:
    """The same for one role."""
    query = text(
        "SELECT current_user, rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS ("
        "  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = 'public' AND pg_has_role(current_user, c.relowner, 'MEMBER'))"
        " FROM pg_roles WHERE rolname = current_user"
    )
    async with engine.connect() as connection:
        role, strong = (await connection.execute(query)).one()
    if strong:
        raise SettingsError(
            f"database role {role!r} can get around row-level security; "
            "connect as app_rw, app_system and app_sealer, which own nothing"
        )
