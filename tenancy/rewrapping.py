"""Puts sealed secrets under the master key in use, and says what still hangs on which.

Only data keys are wrapped anew, in batches that each commit: a rotation that is killed has done a part of it for good,
and whoever begins again does the rest. What somebody else is writing just now is passed over and found the next time.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import RowMapping, bindparam, func, select, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.crypto import Keys, UnknownKeyError, envelope_mark
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.sealed import SealedColumn
from tenancy.context import Channel, TenantContext
from tenancy.models.audit import AuditCheckpoint, AuditLink
from tenancy.models.change import AuditEvent
from tenancy.models.organization import Organization
from tenancy.session import system, tenant

BATCH = 200
UNREADABLE = ""
_LONGEST_MARK = 8


@dataclass(slots=True)
class Rewrapped:
    """How many secrets of each table took another master, and those that none of the masters opens."""

    by_table: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)


async def organizations(database: Database) -> list[OrgId]:
    """All of them, the oldest first."""
    query = select(Organization.id).order_by(Organization.created_at, Organization.id)
    async with system(database) as session:
        return [OrgId(one) for one in await session.scalars(query)]


async def rewrap(
    database: Database, keys: Keys, columns: Sequence[SealedColumn], org_id: OrgId | None
) -> Rewrapped:
    """Put one organization's secrets under the master in use; without one, those that are of no organization."""
    done = Rewrapped()
    for column in _of(columns, org_id):
        after: tuple[Any, ...] | None = None
        while True:
            async with _session(database, org_id) as session:
                rows = await _batch(session, keys, column, after)
                await _wrap(session, keys, column, rows, done)
            if len(rows) < BATCH:
                break
            after = _place(column, rows[-1])
    return done


async def hanging(
    database: Database, columns: Sequence[SealedColumn], org_id: OrgId | None
) -> Counter[str]:
    """How many secrets hang on each master key, by its id; :data:`UNREADABLE` has those that name none."""
    counted: Counter[str] = Counter()
    async with _session(database, org_id) as session:
        for column in _of(columns, org_id):
            text = func.encode(func.substring(column.column, 1, _LONGEST_MARK), "escape")
            key_id = func.coalesce(func.substring(text, "^(m[0-9]+)[.~]"), UNREADABLE)
            query = select(key_id, func.count()).where(_is_kept(column)).group_by(key_id)
            counted.update(dict((await session.execute(query)).all()))
    return counted


async def audited(database: Database, org_id: OrgId) -> Counter[str]:
    """How many entries, links and checkpoints of an organization's audit each master key proves."""
    kinds = [
        select(func.split_part(table.key_id, ".", 1).label("master"))
        for table in (AuditEvent, AuditLink, AuditCheckpoint)
    ]
    every = union_all(*kinds).subquery()
    query = select(every.c.master, func.count()).where(every.c.master.is_not(None))
    async with tenant(database, TenantContext(org_id)) as session:
        rows = await session.execute(query.group_by(every.c.master))
        return Counter(dict(rows.all()))


@asynccontextmanager
async def _session(database: Database, org_id: OrgId | None) -> AsyncIterator[AsyncSession]:
    if org_id is None:
        async with system(database) as session:
            yield session
    else:
        async with tenant(database, TenantContext(org_id, channel=Channel.CLI)) as session:
            yield session


def _of(columns: Sequence[SealedColumn], org_id: OrgId | None) -> list[SealedColumn]:
    return [one for one in columns if one.of_tenants is (org_id is not None)]


async def _batch(
    session: AsyncSession, keys: Keys, column: SealedColumn, after: tuple[Any, ...] | None
) -> Sequence[RowMapping]:
    """The next secrets that hang on another master, locked; those that somebody holds are left alone."""
    mark, place = envelope_mark(keys.key_id), tuple_(*column.table.primary_key)
    shown = dict.fromkeys([*column.table.primary_key, *column.named])
    query = select(*shown, column.column.label("sealed"))
    query = query.where(
        _is_kept(column), func.substring(column.column, 1, func.length(mark)) != mark
    )
    if after is not None:
        query = query.where(place > after)
    query = query.order_by(*column.table.primary_key).limit(BATCH)
    return (await session.execute(query.with_for_update(skip_locked=True))).mappings().all()


async def _wrap(
    session: AsyncSession,
    keys: Keys,
    column: SealedColumn,
    rows: Sequence[RowMapping],
    done: Rewrapped,
) -> None:
    taken = []
    for row in rows:
        named = {one.name: row[one] for one in column.named}
        try:
            new = keys.rewrap(column.purpose.format(**named), row["sealed"])
        except (InvalidTag, UnknownKeyError):
            place = ", ".join(str(part) for part in _place(column, row))
            done.unreadable.append(f"{column.table.name} ({place})")
            continue
        at = {f"at_{key.name}": row[key] for key in column.table.primary_key}
        taken.append({**at, "new": new})
    if taken:
        here = [key == bindparam(f"at_{key.name}") for key in column.table.primary_key]
        changed = update(column.table).where(*here)
        connection = await session.connection()
        await connection.execute(changed.values({column.column.name: bindparam("new")}), taken)
    done.by_table[column.table.name] += len(taken)


def _place(column: SealedColumn, row: RowMapping) -> tuple[Any, ...]:
    return tuple(row[key] for key in column.table.primary_key)


def _is_kept(column: SealedColumn) -> Any:  # noqa: ANN401 - a condition of SQLAlchemy
    return func.length(column.column) > 0
