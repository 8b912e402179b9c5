"""The change stream (server-sent events): what was missed from the table, then live, without gap or duplicate."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from litestar import get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from backend.api import feed
from backend.api.deps import ApiRequest, Services
from backend.api.guards import signed_in
from backend.api.sse import frame
from backend.api.subscribers import Subscriber, reset
from backend.core.errors import InvalidInputError
from backend.core.ids import OrgId
from tenancy.events import Span
from tenancy.principals import Authenticated

BEAT_SECONDS = 4.0
MOST_MISSED = 2000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_MOST_DIGITS = 19
_RETRY = b"retry: 1000\n"
_BEAT = frame("beat", {})
_LastSeen = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="the id of the last event seen")
]
_LastEventId = Annotated[int | None, QueryParameter(name="lastEventId", ge=0)]


@get("/events", opt=signed_in(), media_type="text/event-stream")
async def events(
    request: ApiRequest, last_seen: _LastSeen = None, last_event_id: _LastEventId = None
) -> Stream:
    """Changes of what the person may see, after ``Last-Event-ID`` or from now on."""
    since = last_event_id if last_seen is None else _number(last_seen)
    text = _stream(request.services, Authenticated(request.principal, request.lease), since)
    return Stream(text, media_type="text/event-stream", headers=_HEADERS)


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise InvalidInputError("Last-Event-ID must be a number", field="Last-Event-ID")
    return int(given)


async def _stream(
    services: Services, who: Authenticated, since: int | None
) -> AsyncIterator[bytes]:
    subscriber, org_id = Subscriber(who, services.presenter), who.principal.org_id
    async with services.hub.subscribe(org_id, subscriber):
        kept = await feed.span(services.database, org_id)
        yield _RETRY + frame("ready", {"seq": kept.last}, kept.last if since is None else None)
        if since is not None and not _can_resume(kept, since):
            yield reset(kept.last)
        elif since is not None:
            async for missed in _missed(services, org_id, subscriber, since, kept.last):
                yield missed
        async for live in _live(subscriber, kept.last):
            yield live


def _can_resume(kept: Span, since: int) -> bool:
    in_range = kept.first - 1 <= since <= kept.last
    return in_range and kept.last - since <= MOST_MISSED


async def _missed(
    services: Services, org_id: OrgId, subscriber: Subscriber, since: int, until: int
) -> AsyncIterator[bytes]:
    while batch := await feed.after(services.database, org_id, since, until):
        for seen in batch:
            if text := subscriber.text(seen):
                yield text
        since = batch[-1].seq


async def _live(subscriber: Subscriber, behind: int) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    beat_at = loop.time() + BEAT_SECONDS
    while True:
        try:
            async with asyncio.timeout_at(beat_at):
                item = await subscriber.next()
        except TimeoutError:
            beat_at += BEAT_SECONDS
            yield _BEAT
            continue
        if item is None:
            return
        seq, text = item
        if seq > behind:
            yield text
