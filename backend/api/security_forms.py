"""The forms of the page about one's own security. Each ends with another session, so the browser itself sends them."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, post
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from backend.api import logins
from backend.api.cookies import with_fresh_session
from backend.api.deps import COOKIE, ApiRequest, set_authenticated
from backend.api.guards import public, takes_form
from backend.api.problems import problem_of
from backend.api.web_auth import LOGIN_PAGE, refuse_foreign, wants_json
from backend.core.errors import AppError, ConflictError, InvalidInputError, UnauthenticatedError
from backend.schemas.passwords import PasswordChange, PasswordProof, TotpCode
from tenancy import new_passwords, totp
from tenancy.principals import Authenticated
from tenancy.ratelimit import RateClass, TooManyRequestsError
from tenancy.session import system
from tenancy.sessions import authenticate_cookie

SECURITY_PAGE = "/settings/security"
_Reply = Response[None]


def _back(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    """A browser's form goes back to the page with the reason; a program gets the problem document."""
    if wants_json(request):
        return problem_of(request, error)
    query = {"error": error.code, "at": request.url.path.removeprefix("/auth/")}
    return Redirect(f"{SECURITY_PAGE}?{urlencode(query)}", status_code=303)


def _signed_out(request: Request[Any, Any, Any], error: UnauthenticatedError) -> Response[Any]:
    if wants_json(request):
        return problem_of(request, error)
    query = urlencode({"next": SECURITY_PAGE})
    return Redirect(f"{LOGIN_PAGE}?{query}", status_code=303)


_HANDLERS: ExceptionHandlersMap = {
    ConflictError: _back,
    InvalidInputError: _back,
    TooManyRequestsError: _back,
    UnauthenticatedError: _signed_out,
}


class SecurityFormController(Controller):
    """``/auth``: what :mod:`backend.api.passwords` and :mod:`backend.api.totp` do, for forms of the page."""

    path = "/auth"
    opt = public(RateClass.API)
    exception_handlers = _HANDLERS

    @post("/password", status_code=303, opt=takes_form(PasswordChange))
    async def change_password(self, request: ApiRequest) -> _Reply:
        """Take the password ``new`` instead of ``password``; every other session and token ends."""
        form = await _form(request)
        present, who = form.get("password", ""), await _proved(request, form)
        doing = logins.doing(request, who.principal.channel)
        database, new = request.services.database, form.get("new", "")
        await new_passwords.change_password(database, who, doing, present=present, new=new)
        return await _done(request, "password")

    @post("/second-factor", status_code=303, opt=takes_form(TotpCode))
    async def confirm(self, request: ApiRequest) -> _Reply:
        """Confirm the app by its ``code``: from now on log-in asks for its codes."""
        form, who = await _form(request), await _signed_in(request)
        services, principal = request.services, who.principal
        await services.limiter.require(totp.CODES, str(principal.user_id))
        doing = logins.doing(request, principal.channel)
        async with system(services.database) as session:
            keys = services.settings.keys
            await totp.confirm(session, keys, principal, form.get("code", ""), doing)
        return await _done(request, "second-factor")

    @post("/second-factor/end", status_code=303, opt=takes_form(PasswordProof))
    async def end(self, request: ApiRequest) -> _Reply:
        """Forget app and recovery codes; needs the ``password``."""
        who = await _proved(request, await _form(request))
        doing = logins.doing(request, who.principal.channel)
        async with system(request.services.database) as session:
            await totp.disable(session, who.principal.user_id, doing)
        return await _done(request, "second-factor/end")


async def _form(request: ApiRequest) -> dict[str, str]:
    refuse_foreign(request)
    return await logins.form_of(request)


async def _signed_in(request: ApiRequest) -> Authenticated:
    database, token = request.services.database, request.cookies.get(COOKIE, "")
    who = await authenticate_cookie(database, token, request.request_id)
    set_authenticated(request.scope, who)
    return who


async def _proved(request: ApiRequest, form: dict[str, str]) -> Authenticated:
    """Who is signed in and knows their password."""
    who, services = await _signed_in(request), request.services
    proof = form.get("password", "")
    await new_passwords.require_password(services.database, services.limiter, who, proof)
    return who


async def _done(request: ApiRequest, what: str) -> _Reply:
    if wants_json(request):
        return await with_fresh_session(request, Response(None, status_code=204))
    query = urlencode({"done": what})
    return await with_fresh_session(request, Redirect(f"{SECURITY_PAGE}?{query}", status_code=303))
