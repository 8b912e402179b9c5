"""Asks a server on this machine over HTTP whether it answers."""

import asyncio
import http.client
import json
import urllib.error
import urllib.request
from typing import Any


async def request(
    url: str, body: dict[str, Any] | None = None, *, seconds: float = 2.0
) -> bytes | None:
    """The answer's body, or None while nothing or an error answers. POST when there is a body."""
    return await asyncio.to_thread(_request, url, body, seconds)


def _request(url: str, body: dict[str, Any] | None, seconds: float) -> bytes | None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310
    # Never through a proxy: everything asked here is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as answer:
            content: bytes = answer.read()
            return content
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return None
