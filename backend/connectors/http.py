"""HTTP to outside systems: one client per open connection, and what it means when no answer comes. Knows no vendor."""

import re
import ssl
from collections.abc import Mapping
from functools import cache

import httpx
from opentelemetry.trace import SpanKind

from backend.connectors.base import UpstreamUnreachableError
from backend.core import outside, telemetry

_WORD = re.compile(r"[a-z_]*|v\d+")
_TIMEOUT = httpx.Timeout(30, connect=5)


def open_client(base_url: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """A client for one connection, to be used as an async context. Follows no redirects."""
    return httpx.AsyncClient(
        base_url=base_url, headers=dict(headers), timeout=_TIMEOUT, verify=_trust()
    )


async def exchange(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request and read the whole answer, whatever its status.

    Raises :class:`UpstreamUnreachableError` when there is no complete answer: the request may have been carried out.
    """
    attributes = {
        "http.request.method": request.method,
        "server.address": request.url.host,
        "url.template": _template(request.url.path),
    }
    name = f"{request.method} {attributes['url.template']}"
    with telemetry.span(name, SpanKind.CLIENT, attributes) as span:
        try:
            async with outside.waiting():
                response = await client.send(request)
        except httpx.RequestError as error:
            raise UpstreamUnreachableError(
                f"no answer from {request.url.host}: {type(error).__name__}"
            ) from error
        span.set_attribute("http.response.status_code", response.status_code)
        if response.is_error:
            telemetry.fail(span, str(response.status_code))
        return response


def _template(path: str) -> str:
    """The path without the ids in it: whatever is no plain word and no version."""
    return "/".join(s if _WORD.fullmatch(s) else "{id}" for s in path.split("/"))


@cache
def _trust() -> ssl.SSLContext:
    # Reading the certificate bundle takes tens of milliseconds: once per process, not per connection.
    return httpx.create_ssl_context()
