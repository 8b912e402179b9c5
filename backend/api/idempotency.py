"""The ``Idempotency-Key`` of a request, and replies as they are kept and sent again."""

import msgspec
from litestar import Response
from litestar.background_tasks import BackgroundTask

from backend.api.deps import ApiRequest
from backend.schemas.common import Wire
from tenancy.replies import Idempotency, Reply

_HEADER = "Idempotency-Key"
_REPLAYED = {"Idempotent-Replayed": "true"}


async def idempotency_of(request: ApiRequest) -> Idempotency | None:
    """The request's key with the fingerprint of its path and body, if it has one."""
    key = request.headers.get(_HEADER)
    if key is None:
        return None
    return Idempotency.of(key, request.scope["path"], await request.body())


def reply(status: int, content: Wire) -> Reply:
    """What is kept."""
    return Reply(status, msgspec.json.encode(content))


def response(kept: Reply, *, replayed: bool, then: BackgroundTask | None = None) -> Response[bytes]:
    """What is sent, and what is done ``then``. The header says that nothing was done this time."""
    return Response(
        kept.body,
        background=then,
        status_code=kept.status,
        media_type="application/json",
        headers=_REPLAYED if replayed else {},
    )
