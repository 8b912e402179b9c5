"""The ``Idempotency-Key`` of a request, and replies as they are kept and sent again."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.background_tasks import BackgroundTask
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.deps import ApiRequest
from backend.schemas.common import Wire
from tenancy import replies
from tenancy.replies import Idempotency, Reply

T = TypeVar("T")
HEADER = "Idempotency-Key"
_REPLAYED = {"Idempotent-Replayed": "true"}


class Kept(Response[T]):
    """A reply of the wire type T that is kept, as bytes, under the request's key and sent again."""


async def idempotency_of(request: ApiRequest) -> Idempotency | None:
    """The request's key with the fingerprint of its path and body, if it has one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    return Idempotency.of(key, request.scope["path"], await request.body())


async def once(
    request: ApiRequest, act: Callable[[AsyncSession], Awaitable[Reply]]
) -> tuple[Reply, bool]:
    """Do it, or find what the same request did before: the reply, and whether nothing was done this time."""
    key = await idempotency_of(request)
    return await replies.once(request.services.database, request.principal, key, act)


async def kept(request: ApiRequest, act: Callable[[AsyncSession], Awaitable[Reply]]) -> Kept[Any]:
    """The reply of what is done once, where nothing follows it."""
    found, replayed = await once(request, act)
    return response(found, replayed=replayed)


def reply(status: int, content: Wire) -> Reply:
    """What is kept."""
    return Reply(status, msgspec.json.encode(content))


def response(kept: Reply, *, replayed: bool, then: BackgroundTask | None = None) -> Kept[Any]:
    """What is sent, and what is done ``then``. The header says that nothing was done this time."""
    return Kept(
        kept.body,
        background=then,
        status_code=kept.status,
        media_type="application/json",
        headers=_REPLAYED if replayed else {},
    )
