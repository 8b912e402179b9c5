"""What handlers reach through their request: the process's services, and who is asking."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from litestar import Request
from litestar.datastructures import State
from litestar.types import Scope

from backend.api.bodies import decode_body, require_json
from backend.api.checks import Board
from backend.api.hub import Hub
from backend.api.presenting.proposals import ProposalPresenter
from backend.connectors.registry import Connectors
from backend.core.db import Database
from backend.core.errors import UnauthenticatedError
from backend.core.settings import Settings
from tenancy.calls import CallCounter
from tenancy.context import Principal
from tenancy.limiter import RateLimiter
from tenancy.principals import Authenticated, Lease
from tenancy.ratelimit import Standing
from tenancy.refusals import Refusals
from workflows.client import Workflows

COOKIE = "countersign_session"
_REQUEST_ID = "request_id"
_AUTHENTICATED = "authenticated"
_REFUSAL = "refusal"
_STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Services:
    """What one API process holds for all of its requests."""

    settings: Settings
    database: Database
    connectors: Connectors
    workflows: Workflows
    limiter: RateLimiter
    calls: CallCounter
    refusals: Refusals
    hub: Hub
    presenter: ProposalPresenter
    board: Board


class ApiRequest(Request[Any, Any, State]):
    """A request that knows the services and its principal, and reads its body strictly."""

    @property
    def services(self) -> Services:
        """The services of this process."""
        return services_of(self.scope)

    @property
    def request_id(self) -> str:
        """The id under which this request stands in logs, audit and problem documents."""
        return request_id_of(self.scope)

    @property
    def principal(self) -> Principal:
        """Who is asking. Raises :class:`UnauthenticatedError` that says why nobody is."""
        return authenticated_of(self.scope).principal

    @property
    def lease(self) -> Lease:
        """What their access hangs on."""
        return authenticated_of(self.scope).lease

    async def body(self) -> bytes:
        """The bytes of the body; where the route takes one, an absent body is an empty object."""
        absent = b"{}" if self.route_handler.parsed_data_field else b""
        return await super().body() or absent

    async def json(self) -> object:
        """The body as the type that the handler declares for it."""
        field = self.route_handler.parsed_data_field
        if await super().body():
            require_json(self.content_type[0].lower())
        return decode_body(await self.body(), field.annotation if field else object)


def services_of(scope: Scope) -> Services:
    """The services of the process that serves this scope."""
    return cast("Services", scope["litestar_app"].state.services)


def request_id_of(scope: Scope) -> str:
    """The request's id; requests that no middleware has seen (unknown routes) get one here."""
    return cast("str", scope["state"].setdefault(_REQUEST_ID, uuid4().hex))


def set_request_id(scope: Scope, request_id: str) -> None:
    """Take over a caller's id."""
    scope["state"][_REQUEST_ID] = request_id


def set_authenticated(scope: Scope, found: Authenticated | None) -> None:
    """Keep who is asking."""
    scope["state"][_AUTHENTICATED] = found


def set_refusal(scope: Scope, error: UnauthenticatedError) -> None:
    """Keep why nobody is asking: it is raised where somebody is needed."""
    scope["state"][_REFUSAL] = error


def set_standing(scope: Scope, standing: Standing) -> None:
    """Keep how the client stands with its limits."""
    scope["state"][_STANDING] = standing


def standing_of(scope: Scope) -> Standing | None:
    """How the client stands with its limits; ``None`` before it was counted, and where nothing is."""
    return cast("Standing | None", scope["state"].get(_STANDING))


def known(scope: Scope) -> Authenticated | None:
    """Who is asking, if anybody."""
    return cast("Authenticated | None", scope["state"].get(_AUTHENTICATED))


def authenticated_of(scope: Scope) -> Authenticated:
    """Who is asking. Raises :class:`UnauthenticatedError`."""
    if (found := known(scope)) is None:
        refusal: UnauthenticatedError | None = scope["state"].get(_REFUSAL)
        raise refusal or UnauthenticatedError(
            "log in, or send an access token or an API key as 'Authorization: Bearer …'"
        )
    return found
