"""The list of playbook runs within somebody's reach: narrowed, ordered, continued by keyset."""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import InvalidInputError
from backend.core.keyset import Choice, Order, Position, Span
from backend.core.totals import Total, ask_total, counting
from backend.playbooks.models import PlaybookRow
from backend.runs.models import RunRow
from backend.runs.repository import JOINED, RunView, views_of, within
from tenancy.models.organization import UserAccount
from tenancy.permissions import Reach

USUAL = "-createdAt"
_KEYS: Mapping[str, tuple[ColumnElement[Any], Callable[[RunView], Any]]] = {
    "createdAt": (RunRow.created_at.expression, attrgetter("row.created_at")),
    "state": (RunRow.state.expression, attrgetter("row.state")),
    "playbook": (PlaybookRow.name.expression, attrgetter("playbook")),
    "requester": (UserAccount.name.expression, attrgetter("requested_by")),
}
"""What orders the list: in SQL, and as a run of the list has it."""
SORTS = tuple(sign + name for name in _KEYS for sign in ("", "-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list of runs holds; all of it narrows."""

    state: Choice[str] = field(default_factory=Choice)
    playbook: Choice[UUID] = field(default_factory=Choice)
    requester: Choice[UUID] = field(default_factory=Choice)
    created: Span[datetime] = field(default_factory=Span)

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What holds of every run of the list."""
        yield from self.state.on(RunRow.state)
        yield from self.playbook.on(RunRow.playbook_id)
        yield from self.requester.on(RunRow.requested_by)
        yield from self.created.on(RunRow.created_at)


@dataclass(frozen=True, slots=True)
class Query:
    """One page. ``after`` is the last row's (sort value, id) of the page before; else ``offset``."""

    wanted: Wanted = field(default_factory=Wanted)
    sort: str = USUAL
    limit: int = 50
    offset: int = 0
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page; ``next_after`` continues it."""

    views: list[RunView]
    total: Total
    next_after: Position | None


async def find(session: AsyncSession, reach: Reach, query: Query) -> Found:
    """One page of the playbook runs within reach. Raises :class:`InvalidInputError` for an unknown order."""
    asked = _composed(reach, query)
    total = await ask_total(session, asked.matches, asked.counted)
    views = await views_of(session, asked.page)
    shown = views[: query.limit]
    value = _key_of(query.sort)[1]
    more = (value(shown[-1]), shown[-1].row.id) if len(views) > query.limit else None
    return Found(shown, total, more)


@dataclass(frozen=True, slots=True)
class _Statements:
    matches: Select[Any]
    counted: Select[int]
    page: Select[*tuple[Any, ...]]


@functools.lru_cache(maxsize=512)
def _composed(reach: Reach, query: Query) -> _Statements:
    """The same pages are asked for again and again; their statements are composed once."""
    order = Order(_key_of(query.sort)[0], RunRow.id.expression, query.sort.startswith("-"))
    where = and_(RunRow.parent_run_id.is_(None), within(reach), *query.wanted.conditions())
    matches, page = select(RunRow.id).where(where), order.apply(JOINED.where(where), query.after)
    return _Statements(matches, counting(matches), page.limit(query.limit + 1).offset(query.offset))


def _key_of(sort: str) -> tuple[ColumnElement[Any], Callable[[RunView], Any]]:
    key = _KEYS.get(sort.removeprefix("-"))
    if key is None:
        raise InvalidInputError(f"sort is {sort!r}; use one of {', '.join(SORTS)}", field="sort")
    return key
