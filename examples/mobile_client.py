"""A mobile client in one file: logs in, follows what happens, decides, and outlives its access token.

It needs httpx alone. Try it beside a running stack (the log-ins stand in ``.countersign/demo.json``):
``python examples/mobile_client.py http://127.0.0.1:8080 lead@brindlemoor.example PASSWORD``
"""

import asyncio
import contextlib
import json
import sys
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypedDict

import httpx

UNAUTHORIZED, NOT_MODIFIED = 401, 304
_RETRY = 1.0  # as the stream says: ``retry: 1000``
_PATIENCE = httpx.Timeout(10, read=30)  # the stream beats every few seconds


class Proposal(TypedDict):
    """The fields of a proposal that this client asks for."""

    id: str
    decision: str
    summary: str
    yourTurn: bool


class Card(TypedDict):
    """What a decision names: the revision by its digest."""

    id: str
    decision: str
    sentence: str
    digest: str


@dataclass(frozen=True)
class Event:
    """One change. ``seq`` is where a stream goes on; after a ``reset`` an app reads everything again."""

    seq: int
    kind: str
    data: dict[str, Any]


class Refused(Exception):  # noqa: N818 - what a person reads
    """The API said no; ``code`` is stable, the text is for people."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem["detail"]))
        self.code, self.status = str(problem["code"]), int(problem["status"])


@dataclass
class MobileClient:
    """One signed-in person. ``seq`` is the last event that was seen: keep it when the app sleeps."""

    http: httpx.AsyncClient
    access: str = ""
    refresh: str = ""
    seq: int | None = None
    _known: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def log_in(
        cls, url: str, email: str, password: str, organization: str | None = None
    ) -> Self:
        """A client for this person; ``organization`` (slug) where they belong to several."""
        body = {"email": email, "password": password, "organization": organization}
        async with contextlib.AsyncExitStack() as until_in:
            http = httpx.AsyncClient(base_url=url, timeout=_PATIENCE)
            client = cls(await until_in.enter_async_context(http))
            client._keep(_answer(await http.post("/api/v1/auth/token", json=body)))
            until_in.pop_all()  # who is in closes it themselves
            return client

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def mine(self) -> AsyncIterator[Proposal]:
        """What waits for this person's signature, page by page, only the fields that are shown."""
        query = {"box": "mine", "limit": "50", "fields": "id,decision,summary,yourTurn"}
        cursor: str | None = ""
        while cursor is not None:
            page = await self.get(
                "/api/v1/proposals", query | ({"cursor": cursor} if cursor else {})
            )
            for row in page["items"]:
                yield row
            cursor = page["nextCursor"]

    async def card(self, proposal_id: str) -> Card:
        """One proposal; when nothing has changed since the last time, the copy that is here already."""
        card: Card = await self.get(
            f"/api/v1/proposals/{proposal_id}", {"fields": "id,decision,sentence,digest"}
        )
        return card

    async def decide(self, card: Card, kind: str, reason: str | None = None) -> str:
        """Decide on the revision that was read; returns how the proposal stands.

        The key makes it safe to send again when the reply is lost on the way.
        """
        key = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"kind": kind, "digest": card["digest"], "reason": reason}
        path = f"/api/v1/proposals/{card['id']}/decisions"
        for attempt in (1, 2):
            try:
                reply = await self._send("POST", path, headers=key, json=body)
            except httpx.TransportError:
                if attempt == 2:  # noqa: PLR2004 - once more is enough here
                    raise
            else:
                return str(_answer(reply)["proposal"]["decision"])
        raise AssertionError

    async def events(self) -> AsyncIterator[Event]:
        """Every change from now on, or after ``seq``, without gap or duplicate: across a lost line and a new token."""
        while True:
            with contextlib.suppress(httpx.TransportError):
                async with contextlib.aclosing(self._stream()) as stream:
                    async for event in stream:
                        yield event
            await asyncio.sleep(_RETRY)

    async def get(self, path: str, query: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """What stands there. What the client has already is not sent again."""
        place = f"{path}?{httpx.QueryParams(query)}"
        tag, known = self._known.get(place, ("", None))
        headers = {"If-None-Match": tag} if tag else {}
        reply = await self._send("GET", path, headers=headers, params=query)
        if reply.status_code == NOT_MODIFIED:
            return known
        answer = _answer(reply)
        self._known[place] = (reply.headers["ETag"], answer)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> httpx.Response:
        """One request; with a new token once more when the old one is over."""
        used = self.access
        sent = {**headers, "Authorization": f"Bearer {used}"}
        reply = await self.http.request(method, path, headers=sent, params=params, json=json)
        if reply.status_code == UNAUTHORIZED:
            await self._renew(used)
            sent["Authorization"] = f"Bearer {self.access}"
            reply = await self.http.request(method, path, headers=sent, params=params, json=json)
        return reply

    async def _renew(self, used: str) -> None:
        """The next pair of tokens. A refresh token is spent by its use, so one at a time asks."""
        async with self._renewing:
            if self.access == used:
                body = {"refreshToken": self.refresh}
                self._keep(_answer(await self.http.post("/api/v1/auth/refresh", json=body)))

    def _keep(self, pair: Mapping[str, str]) -> None:
        self.access, self.refresh = pair["accessToken"], pair["refreshToken"]

    async def _stream(self) -> AsyncGenerator[Event, None]:
        """One connection; it ends with its token, its session, or the line."""
        used = self.access
        headers = {"Authorization": f"Bearer {used}"}
        if self.seq is not None:
            headers["Last-Event-ID"] = str(self.seq)
        async with self.http.stream("GET", "/api/v1/events", headers=headers) as reply:
            if reply.status_code == UNAUTHORIZED:
                await self._renew(used)
                return
            if reply.is_server_error:
                return
            if reply.is_error:
                await reply.aread()
            _require(reply)
            fields: dict[str, str] = {}
            async for line in reply.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                    continue
                if "id" in fields:
                    self.seq = int(fields["id"])
                    if fields["event"] != "ready":
                        yield Event(self.seq, fields["event"], json.loads(fields["data"]))
                fields = {}


def _require(reply: httpx.Response) -> None:
    if reply.is_error:
        raise Refused(reply.json())


def _answer(reply: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    _require(reply)
    return reply.json()


async def main(url: str, email: str, password: str, organization: str | None = None) -> None:
    """Show what waits for the person, then what happens."""
    client = await MobileClient.log_in(url, email, password, organization)
    async for proposal in client.mine():
        print(proposal["decision"], proposal["summary"])
    async for event in client.events():
        print(event.seq, event.kind)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
