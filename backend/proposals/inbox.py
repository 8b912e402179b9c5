"""What a person was told: reads it and marks it read. Everything here is the session's person's own."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.errors import NotFoundError
from backend.core.ids import UserId
from backend.core.keyset import Choice
from backend.proposals.notification_models import NotificationTable

MOST_SHOWN = 50
EXACT_UNREAD = 99
_table = NotificationTable


class NotificationNotFoundError(NotFoundError):
    """The person was told no such thing."""

    code = "notification_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One page of what a person was told. ``after`` is the last message of the page before."""

    kind: Choice[str] = field(default_factory=Choice)
    proposal_id: UUID | None = None
    unread: bool | None = None
    oldest_first: bool = False
    limit: int = MOST_SHOWN
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """``more`` says that another page follows. ``unread`` counts all, no further than one above what is exact."""

    items: Sequence[NotificationTable]
    more: bool
    unread: int


async def told(session: AsyncSession, user_id: UserId, query: Query = Query()) -> Told:
    """What this person was told. Ids are in the order of time."""
    own = _table.id
    rows = select(_table).where(_table.user_id == user_id, *_conditions(query))
    if query.after is not None:
        rows = rows.where(own > query.after if query.oldest_first else own < query.after)
    rows = rows.order_by(own if query.oldest_first else own.desc()).limit(query.limit + 1)
    items = (await session.scalars(rows)).all()
    unread = select(own).where(_unread(user_id)).limit(EXACT_UNREAD + 1).subquery()
    count = await session.scalar(select(func.count()).select_from(unread))
    return Told(items[: query.limit], len(items) > query.limit, count or 0)


async def mark_read(session: AsyncSession, user_id: UserId, ids: Collection[UUID] | None) -> None:
    """Mark these, or all. Raises :class:`NotificationNotFoundError` when one is not this person's."""
    if ids is not None:
        own = select(func.count()).where(_table.user_id == user_id, _table.id.in_(ids))
        if await session.scalar(own) != len(set(ids)):
            raise NotificationNotFoundError("you were told no such thing")
    chosen = _unread(user_id) if ids is None else and_(_unread(user_id), _table.id.in_(ids))
    await session.execute(update(_table).where(chosen).values(read_at=now()))


async def of_tellings(
    session: AsyncSession, telling_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, NotificationTable]]:
    """Who was told what, for the change stream: by telling and person, one query for all."""
    found: dict[UUID, dict[UUID, NotificationTable]] = {}
    if telling_ids:
        query = select(_table).where(_table.telling_id.in_(telling_ids))
        for row in await session.scalars(query):
            found.setdefault(row.telling_id, {})[row.user_id] = row
    return found


def _conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    yield from query.kind.on(_table.kind)
    if query.proposal_id is not None:
        yield _table.proposal_id == query.proposal_id
    if query.unread is not None:
        yield _table.read_at.is_(None) if query.unread else _table.read_at.is_not(None)


def _unread(user_id: UserId) -> ColumnElement[bool]:
    return and_(_table.user_id == user_id, _table.read_at.is_(None))
