"""How an act of a page that changes something ends, whatever it is."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.bridge import notify
from ui.requests import ApiError

Act: TypeAlias = Callable[[Api], Awaitable[object]]


async def carry_out(
    api: Api, act: Act, said: str, again: EventSpec, *, refused: str = "Nothing was changed"
) -> list[EventSpec]:
    """Ask the API and tell what it answered; ``again`` then reads how things stand."""
    try:
        await act(api)
    except ApiError as error:
        return [notify("refused", refused, error.detail), again]
    return [notify("executed", said), again]
