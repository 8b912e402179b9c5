"""Composition root of the embedded web process: API and built UI on one port, no build tool at run time.

Start it with ``granian --interface asgi --factory backend.web:app``.
"""

import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from reflex_base.constants import Env
from reflex_base.environment import environment

from backend.core import heap, logging, settings, telemetry
from backend.core.transport import transport_security

API_PATHS = ("/api/", "/auth/", "/schema", "/webhooks/", "/health/", "/branding.css")
HASHED_PATH = "/assets/"  # names below it carry a hash of what they hold
_FOREVER = b"public, max-age=31536000, immutable"
_FOUND = (200, 304)
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def app() -> ASGIApp:
    """API and pages as the environment describes them."""
    from backend.app import behind_proxies, create_app  # noqa: PLC0415  `pages` needs nothing of the API

    logging.configure()
    loaded = settings.load()
    telemetry.start("api", loaded.otlp_endpoint)
    served = behind_proxies(compose(create_app(loaded), loaded.web.public_url), loaded)
    heap.settle()
    return served


def pages() -> ASGIApp:
    """The pages alone, for a proxy that sends the API's paths elsewhere; needs no database."""
    from rxconfig import PUBLIC_URL  # noqa: PLC0415  as above

    logging.configure()
    return _pages(PUBLIC_URL)


def compose(api: Litestar, public_url: str) -> ASGIApp:
    """One ASGI application: ``api`` below its own paths, the UI elsewhere, one lifespan for both."""
    ui = _pages(public_url, api)

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        of_api = scope.get("path", "").startswith(API_PATHS)  # a lifespan has no path
        await (api if of_api else ui)(scope, receive, send)

    return route


def _pages(public_url: str, api: Litestar | None = None) -> ASGIApp:
    # Reflex serves a finished build: it neither compiles nor looks for a build tool.
    environment.REFLEX_SKIP_COMPILE.set(value=True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(value=True)
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    from ui.app import app as reflex_app  # noqa: PLC0415  Reflex reads the switches on import

    if api is not None:

        @contextlib.asynccontextmanager
        async def api_lifespan() -> AsyncIterator[None]:
            async with api.lifespan():
                yield

        reflex_app.register_lifespan_task(api_lifespan)
    site = environment.REFLEX_WEB_WORKDIR.get() / "build" / "client"
    served = _without_redirects(cast("ASGIApp", reflex_app()), site)
    return _with_headers(served, _policy(site, public_url), public_url)


def _without_redirects(inner: ASGIApp, site: Path) -> ASGIApp:
    """Names the file of a page, where the file server would redirect to the folder beside it."""
    files = {f"/{page.stem}": f"/{page.name}" for page in site.glob("*.html")}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if file := files.get(scope.get("path", "")):
            scope = cast("Scope", {**scope, "path": file})
        await inner(scope, receive, send)

    return app


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
    hosts = (
        ("127.0.0.1", "localhost")
        if url.hostname in ("127.0.0.1", "localhost")
        else (url.hostname,)
    )
    return " ".join(f"{scheme}://{host}{port}" for host in hosts)


def _with_headers(inner: ASGIApp, policy: str, public_url: str) -> ASGIApp:
    common = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"content-security-policy", policy.encode()),
        *((k.lower().encode(), v.encode()) for k, v in transport_security(public_url).items()),
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                hashed = scope["path"].startswith(HASHED_PATH) and message["status"] in _FOUND
                kept = [(k, v) for k, v in message["headers"] if k.lower() != b"cache-control"]
                cache = (b"cache-control", _FOREVER if hashed else b"no-cache")
                message["headers"] = [*kept, cache, *common]
            await send(message)

        await inner(scope, receive, send_with_headers)

    return app
