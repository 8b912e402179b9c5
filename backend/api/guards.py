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
from tenancy.status import OrganizationSuspendedError, Status

PUBLIC = "public"
SIGNED_IN = "signed_in"
RIGHT = "right"
RATE = "rate"
FORM = "form"
KINDS = "kinds"
REFUSES = "refuses"
BY_PERSON = "by_person"
EVEN_SUSPENDED = "even_suspended"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class MissingHeaderError(PermissionDeniedError):
    """A write with the session cookie lacks the header that only our own pages can send."""

    code = "missing_header"


class PersonRequiredError(PermissionDeniedError):
    """An API key asks for what only the person themselves may do."""

    code = "person_required"


def public(rate: RateClass) -> dict[str, Any]:
    """``opt`` of a route that anybody may call."""
    return {PUBLIC: True, RATE: rate}


def takes_form(kind: type | None) -> dict[str, Any]:
    """``opt`` of a route that takes a form, with the fields of a wire type or none: for the OpenAPI document."""
    return {FORM: kind}


def answers(*kinds: str) -> dict[str, Any]:
    """``opt`` of a route that answers in several media types, for the OpenAPI document."""
    return {KINDS: kinds}


def refuses(*statuses: int) -> dict[str, Any]:
    """``opt`` of a route that is refused with these too, for the OpenAPI document."""
    return {REFUSES: statuses}


def signed_in() -> dict[str, Any]:
    """``opt`` of a route for every member of an organization."""
    return {SIGNED_IN: True, RATE: RateClass.API}


def needs(right: Right, rate: RateClass = RateClass.API) -> dict[str, Any]:
    """``opt`` of a route for holders of a right."""
    return {RIGHT: right, RATE: rate}


def by_person(opt: dict[str, Any]) -> dict[str, Any]:
    """``opt`` of a route that is about the person themselves: an API key may not call it, whatever its scopes."""
    return {**opt, BY_PERSON: True}


def even_suspended(opt: dict[str, Any]) -> dict[str, Any]:
    """``opt`` of a route that also answers while the organization is suspended."""
    return {**opt, EVEN_SUSPENDED: True}


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard of the whole application: 401 without a person, 403 naming the missing right, 403 while suspended."""
    if not handler.opt.get(PUBLIC):
        found = authenticated_of(connection.scope)
        suspended = found.principal.status is Status.SUSPENDED
        if suspended and not handler.opt.get(EVEN_SUSPENDED):
            raise OrganizationSuspendedError
        if found.lease.session_id and connection.scope.get("method") not in _READING:
            _require_own_page(connection)
        if found.lease.key_prefix and handler.opt.get(BY_PERSON):
            raise PersonRequiredError("an API key cannot do this; log in as the person")
        if (right := handler.opt.get(RIGHT)) is not None:
            authorize(found.principal, right)
    refuse_unknown_parameters(connection, handler)


def _require_own_page(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    if connection.headers.get("X-Countersign") != "1":
        raise MissingHeaderError("writes with the session cookie need the header X-Countersign: 1")
    public_url = services_of(connection.scope).settings.web.public_url
    require_own_origin(connection.headers.get("Origin"), public_url)
