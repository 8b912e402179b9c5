"""Walks through a vendor's list page by page until its end. Knows no vendor."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.connectors.base import UpstreamMalformedError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items and the cursor of the page behind them; no cursor means that this is the last page."""

    items: Sequence[T]
    next: str | None


async def walk(fetch: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[Sequence[T]]:
    """The items of every page that is not empty.

    Raises :class:`UpstreamMalformedError` when the list does not come to an end.
    """
    cursor: str | None = None
    while True:
        page = await fetch(cursor)
        if page.items:
            yield page.items
        if page.next is None:
            return
        if page.next == cursor:
            raise UpstreamMalformedError(f"the list goes round in a circle at {cursor!r}")
        cursor = page.next
