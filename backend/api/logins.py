"""What both doors share, the form of browsers and the token endpoint of programs: a try, and what is left of it."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.background_tasks import BackgroundTask

from backend.api.bodies import require_form
from backend.api.deps import ApiRequest, request_id_of, services_of
from backend.api.middleware import address_of
from backend.api.parameters import is_text
from backend.api.problems import problem_of
from backend.core.errors import InvalidInputError
from backend.core.ids import UserId
from tenancy.accounts import Doing
from tenancy.context import Channel
from tenancy.login import Attempt, LoggedIn, LoginRefusedError, audit_refusal, log_in, prove


async def form_of(request: ApiRequest) -> dict[str, str]:
    """The fields of a browser's form. Raises 415 for another kind of body and 422 for what is no text."""
    require_form(request.content_type[0].lower())
    form = {name: str(value) for name, value in (await request.form()).items()}
    for name, value in form.items():
        if not is_text(value):
            raise InvalidInputError(f"{name} is no text", field=name)
    return form


async def attempt(
    request: ApiRequest, form: Mapping[str, str | None], channel: Channel
) -> LoggedIn:
    """Log in with what was sent. Raises what :func:`tenancy.login.log_in` raises."""
    services = request.services
    wanted = _attempt(request, form, channel)
    return await log_in(services.database, services.settings.keys, services.limiter, wanted)


async def proved(request: ApiRequest, form: Mapping[str, str | None], channel: Channel) -> UserId:
    """Who has this address and password, wherever they belong. Raises what :func:`tenancy.login.prove` raises."""
    services = request.services
    wanted = _attempt(request, form, channel)
    return await prove(services.database, services.settings.keys, services.limiter, wanted)


def _attempt(request: ApiRequest, form: Mapping[str, str | None], channel: Channel) -> Attempt:
    return Attempt(
        email=form.get("email") or "",
        password=form.get("password") or "",
        code=form.get("totp"),
        doing=doing(request, channel),
    )


def doing(request: Request[Any, Any, Any], channel: Channel) -> Doing:
    """By which way, in which request and from where somebody acts on an account."""
    return Doing(channel, request_id_of(request.scope), address_of(request.scope))


def audited(
    error: LoginRefusedError, request: Request[Any, Any, Any], channel: Channel
) -> BackgroundTask:
    """Keeps the refused try after the reply, so that the time of the reply does not tell whether somebody exists."""
    database = services_of(request.scope).database
    return BackgroundTask(audit_refusal, database, error, doing(request, channel))


def refused(request: Request[Any, Any, Any], error: LoginRefusedError) -> Response[Any]:
    """The problem document of a refused try."""
    problem = problem_of(request, error)
    problem.background = audited(error, request, Channel.REST)
    return problem
