"""Lists in an order, continued by keyset: what orders and narrows them in SQL, whatever they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, or_, tuple_

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Position = tuple[Any, UUID]
"""The sort value and the id of a row, behind which a page begins."""


@dataclass(frozen=True, slots=True)
class Order:
    """``key`` is never null, so that a position in it can be compared; ``row_id`` is the tie-break."""

    key: ColumnElement[Any]
    row_id: ColumnElement[UUID]
    descending: bool

    def apply(self, query: Select[*Ts], after: Position | None) -> Select[*Ts]:
        """The query in this order, from behind a position."""
        if after is not None:
            position = tuple_(literal(after[0], self.key.type), literal(after[1], self.row_id.type))
            here, there = tuple_(self.key, self.row_id), position
            query = query.where(here < there if self.descending else here > there)
        columns = (self.key, self.row_id)
        return query.order_by(*(one.desc() if self.descending else one for one in columns))


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """Any of ``wanted`` (where there are any) and none of ``unwanted``."""

    wanted: tuple[T, ...] = ()
    unwanted: tuple[T, ...] = ()

    def on(self, column: Any) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401 - a column of T
        """As SQL. A row without a value is none of the unwanted."""
        if self.wanted:
            yield column.in_(self.wanted)
        if self.unwanted:
            yield or_(column.is_(None), column.not_in(self.unwanted))


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """From ``start`` to ``end``, both included; a row without a value lies in no span."""

    start: T | None = None
    end: T | None = None

    def on(self, column: Any) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401 - a column of T
        """As SQL."""
        if self.start is not None:
            yield column >= self.start
        if self.end is not None:
            yield column <= self.end

    @property
    def given(self) -> bool:
        """Whether it narrows anything."""
        return self.start is not None or self.end is not None
