"""What happens around every request: its id and log context, and who is asking."""

import re
from typing import Any
from uuid import uuid4

import structlog
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.deps import (
    COOKIE,
    request_id_of,
    services_of,
    set_authenticated,
    set_refusal,
    set_request_id,
)
from backend.api.guards import PUBLIC
from backend.api.problems import REQUEST_ID_HEADER
from backend.core import cause, telemetry
from backend.core.cause import Cause
from backend.core.errors import UnauthenticatedError
from tenancy.apikeys import KEY_MARK, authenticate_key
from tenancy.devices import Client
from tenancy.principals import Authenticated
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
    """Finds out who is asking, by access token, API key or session cookie; the guard decides whether somebody must."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = PUBLIC

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Keep the principal in the scope and in the log context. Who was refused just now is not looked up again."""
        if refused := await services_of(scope).refusals.of(credential_of(scope)):
            raise refused.with_traceback(None)
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


class Methods(ASGIMiddleware):
    """Names in ``Allow`` all methods of an address: Litestar knows one controller's alone where several share it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Complete the reply to OPTIONS."""
        if scope.get("method") == "OPTIONS":
            send = _with_headers(send, {"Allow": _methods_at(scope)})
        await next_app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """The client's address as the server in front of us sees it."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def client_of(request: Request[Any, Any, Any]) -> Client:
    """What the client says of itself, and its address."""
    return Client(request.headers.get("User-Agent"), address_of(request.scope))


def credential_of(scope: Scope) -> str:
    """What the client shows of itself, as it is: the token's header, else the session's cookie."""
    connection = ASGIConnection[Any, Any, Any, Any](scope)
    return connection.headers.get("Authorization") or connection.cookies.get(COOKIE, "")


async def _authenticate(scope: Scope) -> Authenticated | None:
    services, request_id = services_of(scope), request_id_of(scope)
    connection = ASGIConnection[Any, Any, Any, Any](scope)
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        database, keys = services.database, services.settings.keys
        if (token := token.strip()).startswith(KEY_MARK):
            return await authenticate_key(database, token, request_id)
        return await authenticate_access(database, keys, token, request_id)
    if cookie := connection.cookies.get(COOKIE):
        return await authenticate_cookie(services.database, cookie, request_id)
    return None


def _methods_at(scope: Scope) -> str:
    routes = [one for one in scope["litestar_app"].routes if isinstance(one, HTTPRoute)]
    here = [set(one.methods) for one in routes if one.path_format == scope["path_template"]]
    return ", ".join(sorted(set[str]().union(*here)))


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableScopeHeaders.from_message(message)
            for name, value in headers.items():
                found[name] = value
        await send(message)

    return wrapped
