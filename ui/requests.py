"""Requests to the API in the name of one session, in the wire's own types, and how it refuses."""

import functools
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec

from rxconfig import API_URL
from ui.formats import sentence

COOKIE = "countersign_session"
T = TypeVar("T")


@dataclass(frozen=True)
class ApiError(Exception):
    """The API refused, or could not be reached (``status`` 0). ``detail`` is a sentence for people."""

    status: int
    detail: str
    code: str = ""

    @property
    def signed_out(self) -> bool:
        """There is no session any more."""
        return self.status == HTTPStatus.UNAUTHORIZED

    @property
    def forbidden(self) -> bool:
        """The person may not."""
        return self.status == HTTPStatus.FORBIDDEN

    @property
    def missing(self) -> bool:
        """Nothing of this organization has such an id."""
        return self.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)


class _Problem(msgspec.Struct, frozen=True):
    detail: str
    code: str = ""
    instance: str = ""


@functools.cache
def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=API_URL, timeout=10, headers={"X-Countersign": "1"})


class Requests:
    """What the groups of calls are made of."""

    def __init__(self, session: str, http: httpx.AsyncClient | None = None) -> None:
        self._cookie = f"{COOKIE}={session}"
        self._http = http or _http()

    async def _get(self, path: str, kind: type[T]) -> T:
        return await self._send("GET", path, kind)

    async def _post(self, path: str, body: msgspec.Struct, kind: type[T]) -> T:
        return await self._send("POST", path, kind, body=msgspec.json.encode(body))

    async def _send(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> T:
        reply = await self._request(method, path, headers=headers, body=body)
        return msgspec.json.decode(reply.content, type=kind)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> httpx.Response:
        if method == "POST":
            body = body or b"{}"
        sent = {"Cookie": self._cookie, "Content-Type": "application/json", **(headers or {})}
        try:
            reply = await self._http.request(method, path, headers=sent, content=body)
        except httpx.HTTPError as error:
            raise ApiError(0, "Countersign does not answer. Try again in a moment.") from error
        if reply.is_success:
            return reply
        raise _refusal(reply)


def _refusal(reply: httpx.Response) -> ApiError:
    status = reply.status_code
    try:
        problem = msgspec.json.decode(reply.content, type=_Problem)
    except msgspec.DecodeError:
        return ApiError(status, f"The server answered {status}.")
    reference = f" Reference {problem.instance}." if reply.is_server_error else ""
    return ApiError(status, f"{sentence(problem.detail)}{reference}", problem.code)
