"""A span around every request that causes something; probes of health are left out."""

import re
from typing import cast

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.trace import SpanKind

from backend.api.deps import request_id_of
from backend.api.guards import RATE
from backend.core import telemetry
from tenancy.ratelimit import RateClass

_TYPE_OF_PARAMETER = re.compile(r":\w+(?=})")
_BROKEN = 500


def route_of(scope: Scope) -> str:
    """The path as the contract writes it: with the names of what it holds, and nothing of it."""
    return _TYPE_OF_PARAMETER.sub("", scope["path_template"])


class Tracing(ASGIMiddleware):
    """Goes on with the caller's trace, if there is one (W3C Trace Context)."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Run the request in its span; the route is named, never the path with what it holds."""
        if scope["route_handler"].opt.get(RATE) is RateClass.UNLIMITED:
            await next_app(scope, receive, send)
            return
        method = cast("HTTPScope", scope)["method"]
        route = route_of(scope)
        attributes = {
            "http.request.method": method,
            "http.route": route,
            "countersign.request_id": request_id_of(scope),
        }
        with (
            telemetry.within(Headers.from_scope(scope).get("traceparent")),
            telemetry.span(f"{method} {route}", SpanKind.SERVER, attributes) as opened,
        ):

            async def observed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    opened.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _BROKEN:
                        telemetry.fail(opened, str(message["status"]))
                await send(message)

            await next_app(scope, receive, observed)
