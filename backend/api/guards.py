"""Who may call a route. Every route declares it in its ``opt`` with one of the functions here, or a test fails."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.api.deps import authenticated_of, services_of
from backend.api.origins import require_own_origin
from backend.api.parameters import refuse_unknown_parameters
from backend.core.errors import PermissionDeniedError
from tenancy.permissions import Right, authorize
from tenancy.ratelimit import RateClass

PUBLIC = "public"
SIGNED_IN = "signed_in"
RIGHT = "right"
RATE = "rate"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class MissingHeaderError(PermissionDeniedError):
    """A write with the session cookie lacks the header that only our own pages can send."""

    code = "missing_header"


def public(rate: RateClass) -> dict[str, Any]:
    """``opt`` of a route that anybody may call."""
    return {PUBLIC: True, RATE: rate}


def signed_in() -> dict[str, Any]:
    """``opt`` of a route for every member of an organization."""
    return {SIGNED_IN: True, RATE: RateClass.API}


def needs(right: Right) -> dict[str, Any]:
    """``opt`` of a route for holders of a right."""
    return {RIGHT: right, RATE: RateClass.API}


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of the whole application: 401 without a person, 403 naming the missing right."""
    if not handler.opt.get(PUBLIC):
        found = authenticated_of(connection.scope)
        if found.lease.session_id and connection.scope.get("method") not in _READING:
            _require_own_page(connection)
        if (right := handler.opt.get(RIGHT)) is not None:
            authorize(found.principal, right)
    refuse_unknown_parameters(connection, handler)


def _require_own_page(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    if connection.headers.get("X-Countersign") != "1":
        raise MissingHeaderError("writes with the session cookie need the header X-Countersign: 1")
    public_url = services_of(connection.scope).settings.web.public_url
    require_own_origin(connection.headers.get("Origin"), public_url)
