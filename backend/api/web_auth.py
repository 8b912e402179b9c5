"""Log-in, log-out and change of organization for browsers: plain forms, an HttpOnly cookie, full page loads."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, post
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from backend.api import logins
from backend.api.cookies import fresh_session, session_cookie
from backend.api.deps import COOKIE, ApiRequest
from backend.api.guards import public, takes_form
from backend.api.origins import require_own_origin
from backend.api.problems import problem_of
from backend.core.errors import NotFoundError
from backend.schemas.auth import LoginForm, SwitchForm
from tenancy.audit import AuditAction
from tenancy.context import Channel
from tenancy.login import LoginFailedError, LoginRefusedError, TotpRequiredError
from tenancy.organizations import OrganizationInfo, organizations_of
from tenancy.ratelimit import RateClass, TooManyRequestsError
from tenancy.sessions import authenticate_cookie, close_session
from tenancy.status import Status

HOME = "/proposals"
LOGIN_PAGE = "/login"
_WANTED = "login_next"
_Reply = Response[None]


class UnknownOrganizationError(NotFoundError):
    """The person belongs to no such organization."""

    code = "organization_not_found"


def _too_many(request: Request[Any, Any, Any], error: TooManyRequestsError) -> Response[Any]:
    """A browser's form goes back to the page with the reason; a program gets the problem document."""
    if MediaType.HTML not in request.headers.get("Accept", ""):
        return problem_of(request, error)
    return _back(request, error.code, error.headers)


def _refused(
    request: Request[Any, Any, Any], error: LoginRefusedError | TotpRequiredError
) -> Response[Any]:
    """As above; what was refused is audited once the reply is away."""
    reply = problem_of(request, error) if wants_json(request) else _back(request, error.code)
    if isinstance(error, LoginRefusedError):
        reply.background = logins.audited(error, request, Channel.WEB)
    return reply


def _back(
    request: Request[Any, Any, Any], code: str, headers: dict[str, str] | None = None
) -> Response[Any]:
    query = {"error": code} | _next(request.scope["state"].get(_WANTED))
    return Redirect(f"{LOGIN_PAGE}?{urlencode(query)}", status_code=303, headers=headers)


_HANDLERS: ExceptionHandlersMap = {
    TooManyRequestsError: _too_many,
    LoginRefusedError: _refused,
    TotpRequiredError: _refused,
}


class WebAuthController(Controller):
    """``/auth``. Forms get a redirect, clients that accept JSON get 204 or a problem document."""

    path = "/auth"
    opt = public(RateClass.LOGIN)
    exception_handlers = _HANDLERS

    @post("/login", status_code=303, opt=takes_form(LoginForm))
    async def login(self, request: ApiRequest) -> _Reply:
        """Open a session for ``email``, ``password`` and, where somebody has one, the code ``totp``.

        ``organization`` (slug) and ``next`` are optional.
        """
        refuse_foreign(request)
        form = await logins.form_of(request)
        request.scope["state"][_WANTED] = form.get("next")
        found = await logins.attempt(request, form, Channel.WEB)
        chosen = _choose(found.belonging, form.get("organization"))
        if chosen is None:
            raise LoginFailedError("you do not belong to this organization", found.user_id)
        act = AuditAction.USER_LOGGED_IN
        cookie = await fresh_session(request, found.user_id, chosen.id, act)
        return to_page(request, local_path(form.get("next")), cookie)

    @post("/logout", status_code=303, opt=takes_form(None))
    async def logout(self, request: ApiRequest) -> _Reply:
        """End the session."""
        refuse_foreign(request)
        if token := request.cookies.get(COOKIE):
            await close_session(request.services.database, token, request.request_id)
        return to_page(request, LOGIN_PAGE, session_cookie(request, ""))

    @post("/switch", status_code=303, opt=takes_form(SwitchForm))
    async def switch(self, request: ApiRequest) -> _Reply:
        """Go on in another ``organization`` (slug) of the same person, with a new session."""
        refuse_foreign(request)
        form = await logins.form_of(request)
        database, token = request.services.database, request.cookies.get(COOKIE, "")
        who = (await authenticate_cookie(database, token, request.request_id)).principal
        slug = form.get("organization", "")
        chosen = _choose(await organizations_of(database, who.user_id), slug)
        if chosen is None:
            raise UnknownOrganizationError(f"you do not belong to an organization {slug!r}")
        act = AuditAction.USER_SWITCHED
        cookie = await fresh_session(request, who.user_id, chosen.id, act)
        return to_page(request, local_path(form.get("next")), cookie)


def local_path(wanted: str | None) -> str:
    """``wanted`` if it is a path on this site, else the home page: never a way to another host."""
    if wanted is None or not wanted.startswith("/") or not wanted.isprintable():
        return HOME
    return HOME if wanted[1:2] in ("/", "\\") else wanted


def _next(wanted: str | None) -> dict[str, str]:
    """What the log-in page is told of the page that somebody wanted; never another host."""
    return {"next": local_path(wanted)} if wanted else {}


def refuse_foreign(request: ApiRequest) -> None:
    """Raise for a form of another site."""
    public_url = request.services.settings.web.public_url
    require_own_origin(request.headers.get("Origin"), public_url)


def _choose(belonging: list[OrganizationInfo], slug: str | None) -> OrganizationInfo | None:
    """The one with this slug; without a slug the first in which one can work."""
    if slug:
        return next((one for one in belonging if one.slug == slug), None)
    return min(belonging, key=lambda one: one.status is Status.SUSPENDED, default=None)


def to_page(request: ApiRequest, path: str, cookie: Cookie) -> _Reply:
    """Send a browser there with the cookie; a program gets the cookie alone."""
    if wants_json(request):
        return Response(None, status_code=204, cookies=[cookie])
    return Redirect(path, status_code=303, cookies=[cookie])


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Whether a program asks, which wants no redirects."""
    return request.accept.best_match([MediaType.HTML, MediaType.JSON]) == MediaType.JSON
