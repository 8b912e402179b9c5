"""How long a list is: exact up to 10,000, then said to be an estimate. Counting all of it would cost more than it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

EXACT_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class Total:
    """A number of rows; ``is_estimate`` beyond 10,000."""

    count: int
    is_estimate: bool = False


async def total_of(session: AsyncSession, matches: Select[Any]) -> Total:
    """Of a query for ids. The estimate is what the planner expects of it, so of this organization alone."""
    return await ask_total(session, matches, counting(matches))


def counting(matches: Select[Any]) -> Select[int]:
    """The query that counts, up to where it is given up."""
    counted = matches.limit(EXACT_TOTAL + 1).subquery()
    return select(func.count()).select_from(counted)


async def ask_total(session: AsyncSession, matches: Select[Any], counted: Select[int]) -> Total:
    """As :func:`total_of`, for who has composed its :func:`counting` before."""
    count = await session.scalar(counted) or 0
    if count <= EXACT_TOTAL:
        return Total(count)
    plan: list[Any] = await session.scalar(_Explained(matches))
    return Total(max(count, int(plan[0]["Plan"]["Plan Rows"])), is_estimate=True)


class _Explained(Executable, ClauseElement):
    """``EXPLAIN`` of a query, as JSON."""

    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explained)
def _explain(element: _Explained, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"
