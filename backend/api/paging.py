"""Pages of lists: the parameters that lists take, and cursors bound to organization, list and order."""

from typing import Annotated

from litestar.params import QueryParameter

from backend.api import cursors
from backend.api.deps import ApiRequest
from backend.core.errors import InvalidInputError
from backend.core.keyset import Position

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=200, description="how many, 1 to 200")]
Offset = Annotated[
    int | None,
    QueryParameter(name="offset", ge=0, le=1_000_000, description="how many to leave out before"),
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor", max_length=500, description="nextCursor of the page before this one"
    ),
]


def begin(
    request: ApiRequest, place: str, cursor: str | None, offset: int | None = None
) -> Position | None:
    """Behind which row the page begins. ``place`` names the list and its order."""
    if cursor is None:
        return None
    if offset is not None:
        raise InvalidInputError("use cursor or offset, not both", field="cursor")
    return cursors.decode(request.services.settings.keys, request.principal.org_id, place, cursor)


def following(request: ApiRequest, place: str, behind: Position | None) -> str | None:
    """The cursor of the page that begins behind this row."""
    if behind is None:
        return None
    return cursors.encode(request.services.settings.keys, request.principal.org_id, place, behind)
