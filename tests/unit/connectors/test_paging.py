from collections.abc import Awaitable, Callable

import pytest

from backend.connectors.base import UpstreamMalformedError
from backend.connectors.paging import Page, walk


def _pages(*pages: Page[int]) -> Callable[[str | None], Awaitable[Page[int]]]:
    async def fetch(cursor: str | None) -> Page[int]:
        return pages[int(cursor or 0)]

    return fetch


async def test_every_page_is_read_once_and_empty_ones_are_left_out() -> None:
    pages = _pages(Page([1, 2], "1"), Page([], "2"), Page([3], None))
    assert [page async for page in walk(pages)] == [[1, 2], [3]]


async def test_a_list_that_does_not_move_on_is_given_up() -> None:
    with pytest.raises(UpstreamMalformedError, match="circle"):
        _ = [page async for page in walk(_pages(Page([1], "1"), Page([2], "1")))]
