"""Composition root of the embedded web process: API and built UI on one port, no build tool at run time.

Start it with ``granian --interface asgi --factory backend.web:app``.
"""

import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from reflex_base.environment import environment

from backend.core import settings

API_PATHS = ("/api/", "/auth/", "/schema", "/health/")
HASHED_PATH = "/assets/"
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def app() -> ASGIApp:
    """The process as the environment describes it."""
    from backend.app import create_app  # noqa: PLC0415  so that `compose` can be used with another API

    loaded = settings.load()
    return compose(create_app(loaded), loaded.web.public_url)


def compose(api: Litestar, public_url: str) -> ASGIApp:
    """One ASGI application: ``api`` below its own paths, the UI everywhere else, one lifespan for both."""
    pages = _with_headers(_ui(api), _policy(_site(), public_url))

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        of_api = scope["type"] != "lifespan" and scope["path"].startswith(API_PATHS)
        await (api if of_api else pages)(scope, receive, send)

    return route


def _ui(api: Litestar) -> ASGIApp:
    # Reflex serves a finished build: it neither compiles nor looks for a build tool.
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)
    environment.REFLEX_ENV_MODE.set("prod")
    from ui.app import app as reflex_app  # noqa: PLC0415  Reflex reads the switches above on import

    @contextlib.asynccontextmanager
    async def api_lifespan() -> AsyncIterator[None]:
        async with api.lifespan():
            yield

    reflex_app.register_lifespan_task(api_lifespan)
    return reflex_app()


def _site() -> Path:
    return environment.REFLEX_WEB_WORKDIR.get() / "build" / "client"


def _policy(site: Path, public_url: str) -> str:
    """Scripts of ours and the inline ones that the build wrote, named by their hashes; nothing from elsewhere."""
    scripts = {
        base64.b64encode(hashlib.sha256(script).digest()).decode()
        for page in site.rglob("*.html")
        for script in INLINE_SCRIPT.findall(page.read_bytes())
    }
    hashes = " ".join(f"'sha256-{value}'" for value in sorted(scripts))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}",
            "style-src 'self' 'unsafe-inline'",  # the grid writes its theme into the page
            f"connect-src 'self' {_sockets(public_url)}",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _sockets(public_url: str) -> str:
    url = urlsplit(public_url)
    scheme, port = ("wss" if url.scheme == "https" else "ws"), f":{url.port}" if url.port else ""
    hosts = ("127.0.0.1", "localhost") if url.hostname in ("127.0.0.1", "localhost") else (url.hostname,)
    return " ".join(f"{scheme}://{host}{port}" for host in hosts)


def _with_headers(inner: ASGIApp, policy: str) -> ASGIApp:
    common = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"content-security-policy", policy.encode()),
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                cache = _cache(scope, message["status"])
                kept = [(k, v) for k, v in message["headers"] if k.lower() != b"cache-control"]
                message["headers"] = [*kept, (b"cache-control", cache), *common]
            await send(message)

        await inner(scope, receive, send_with_headers if scope["type"] == "http" else send)

    return app


def _cache(scope: Any, status: int) -> bytes:
    """Names below ``/assets/`` carry a hash of what they hold; everything else is asked for again."""
    hashed = scope["path"].startswith(HASHED_PATH) and status in (200, 304)
    return b"public, max-age=31536000, immutable" if hashed else b"no-cache"
