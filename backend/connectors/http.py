"""HTTP to outside systems: one client per open connection, and what it means when no answer comes. Knows no vendor."""

import ssl
from collections.abc import Mapping
from functools import cache

import httpx

from backend.connectors.base import UpstreamUnreachableError

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
    try:
        return await client.send(request)
    except httpx.RequestError as error:
        raise UpstreamUnreachableError(
            f"no answer from {request.url.host}: {type(error).__name__}"
        ) from error


@cache
def _trust() -> ssl.SSLContext:
    # Reading the certificate bundle takes tens of milliseconds: once per process, not per connection.
    return httpx.create_ssl_context()
