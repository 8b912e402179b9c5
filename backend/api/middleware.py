"""What happens around every request: its id and log context, who is asking, and how often."""

import re
from typing import Any
from uuid import uuid4

import structlog
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.deps import (
    COOKIE,
    known_principal,
    request_id_of,
    services_of,
    set_authenticated,
    set_refusal,
    set_request_id,
)
from backend.api.guards import PUBLIC, RATE
from backend.api.problems import REQUEST_ID_HEADER
from backend.core import cause, telemetry
from backend.core.cause import Cause
from backend.core.errors import UnauthenticatedError
from tenancy import ratelimit
from tenancy.principals import Authenticated
from tenancy.ratelimit import RateClass, Standing
from tenancy.sessions import authenticate_cookie
from tenancy.tokens import authenticate_access

_FIT_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestContext(ASGIMiddleware):
    """Gives the request an id (the caller's, when it is fit) and binds it to the log."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Run the request in its log context and answer with its id."""
        given = Headers.from_scope(scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _FIT_ID.fullmatch(given) else uuid4().hex
        set_request_id(scope, request_id)
        with cause.bound(Cause(request_id)):
            await next_app(scope, receive, _with_headers(send, {REQUEST_ID_HEADER: request_id}))


class Authentication(ASGIMiddleware):
    """Finds out who is asking, by access token or session cookie; the guard decides whether somebody must."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = PUBLIC

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Keep the principal in the scope and in the log context."""
        try:
            found = await _authenticate(scope)
        except UnauthenticatedError as error:
            set_refusal(scope, error)
            found = None
        set_authenticated(scope, found)
        names = {}
        if found is not None:
            principal = found.principal
            names = {"org_id": str(principal.org_id), "principal_id": str(principal.user_id)}
        named = {f"countersign.{name}": value for name, value in names.items()}
        with structlog.contextvars.bound_contextvars(**names), telemetry.about(named):
            await next_app(scope, receive, send)


class RateLimit(ASGIMiddleware):
    """Counts the request against the class that its route declares, and says in the reply how it stands."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Refuse with 429, or go on and add the headers."""
        rate = scope["route_handler"].opt.get(RATE, RateClass.API)
        if rate is RateClass.UNLIMITED:
            await next_app(scope, receive, send)
            return
        standing = await _count(scope, rate)
        await next_app(scope, receive, _with_headers(send, standing.headers()))


def address_of(scope: Scope) -> str:
    """The client's address as the server in front of us sees it."""
    client = scope.get("client")
    return client[0] if client else "unknown"


async def _authenticate(scope: Scope) -> Authenticated | None:
    services, request_id = services_of(scope), request_id_of(scope)
    connection = ASGIConnection[Any, Any, Any, Any](scope)
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        keys = services.settings.keys
        return await authenticate_access(services.database, keys, token.strip(), request_id)
    if cookie := connection.cookies.get(COOKIE):
        return await authenticate_cookie(services.database, cookie, request_id)
    return None


async def _count(scope: Scope, rate: RateClass) -> Standing:
    limiter, principal = services_of(scope).limiter, known_principal(scope)
    if rate is RateClass.LOGIN:
        return await limiter.require(ratelimit.LOGIN_ADDRESS, address_of(scope))
    if rate is RateClass.WEBHOOK:
        return await limiter.require(ratelimit.WEBHOOK_ADDRESS, address_of(scope))
    if principal is not None:
        return await limiter.require(ratelimit.ORGANIZATION, str(principal.org_id))
    return await limiter.require(ratelimit.ANONYMOUS, address_of(scope))


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableScopeHeaders.from_message(message)
            for name, value in headers.items():
                found[name] = value
        await send(message)

    return wrapped
