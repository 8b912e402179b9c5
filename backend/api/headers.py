"""Headers of every reply: a browser does nothing with it but what it is for, and reads it on no page but ours."""

from collections.abc import Sequence

from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from backend.api.deps import services_of
from backend.core.transport import transport_security

_COMMON = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SENT = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "X-Request-Id",
)
_READ = (
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)


async def secure(message: Message, scope: Scope) -> None:
    """Before a reply is sent: what it does not say for itself."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    public_url = services_of(scope).settings.web.public_url
    for name, value in (_COMMON | transport_security(public_url)).items():
        headers.setdefault(name, value)


def cross_origin(origins: Sequence[str]) -> CORSConfig | None:
    """Pages of these origins may call us with a token, never with a session's cookie; without any, none may."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=list(_SENT),
        expose_headers=list(_READ),
    )
