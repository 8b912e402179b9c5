"""Log-in, log-out and change of organization for browsers: plain forms, an HttpOnly cookie, full page loads."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, post
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from backend.api.auth import LoginFailedError
from backend.api.deps import COOKIE, ApiRequest
from backend.api.guards import public
from backend.api.middleware import address_of
from backend.api.origins import require_own_origin
from backend.api.problems import problem_of
from backend.core.errors import NotFoundError
from backend.core.ids import OrgId, UserId
from tenancy.audit import AuditAction
from tenancy.organizations import OrganizationInfo, organizations_of
from tenancy.passwords import normal_email, verify_login
from tenancy.ratelimit import LOGIN_ACCOUNT, RateClass, TooManyRequestsError
from tenancy.sessions import LIFETIME, authenticate_cookie, close_session, open_session

HOME = "/proposals"
LOGIN_PAGE = "/login"
_Reply = Response[None]


class UnknownOrganizationError(NotFoundError):
    """The person belongs to no such organization."""

    code = "organization_not_found"


def _too_many(request: Request[Any, Any, Any], error: TooManyRequestsError) -> Response[Any]:
    """A browser's form goes back to the page with the reason; a program gets the problem document."""
    if MediaType.HTML not in request.headers.get("Accept", ""):
        return problem_of(request, error)
    query = urlencode({"error": error.code})
    return Redirect(f"{LOGIN_PAGE}?{query}", status_code=303, headers=error.headers)


_HANDLERS: ExceptionHandlersMap = {TooManyRequestsError: _too_many}


class WebAuthController(Controller):
    """``/auth``. Forms get a redirect, clients that accept JSON get 204 or a problem document."""

    path = "/auth"
    opt = public(RateClass.LOGIN)
    exception_handlers = _HANDLERS

    @post("/login", status_code=303)
    async def login(self, request: ApiRequest) -> _Reply:
        """Open a session for ``email`` and ``password``; ``organization`` (slug) and ``next`` are optional."""
        _refuse_foreign(request)
        form = {name: str(value) for name, value in (await request.form()).items()}
        services, email = request.services, form.get("email", "")
        account = normal_email(email)
        await services.limiter.require(LOGIN_ACCOUNT, address_of(request.scope), account)
        user_id = await verify_login(services.database, email, form.get("password", ""))
        chosen = await _choose(request, user_id, form.get("organization"))
        if user_id is None or chosen is None:
            return _failed(request, form.get("next"))
        token = await _open(request, user_id, chosen.id, AuditAction.USER_LOGGED_IN)
        return _to(request, local_path(form.get("next")), _cookie(request, token))

    @post("/logout", status_code=303)
    async def logout(self, request: ApiRequest) -> _Reply:
        """End the session."""
        _refuse_foreign(request)
        if token := request.cookies.get(COOKIE):
            await close_session(request.services.database, token, request.request_id)
        return _to(request, LOGIN_PAGE, _cookie(request, ""))

    @post("/switch", status_code=303)
    async def switch(self, request: ApiRequest) -> _Reply:
        """Go on in another ``organization`` (slug) of the same person, with a new session."""
        _refuse_foreign(request)
        form = {name: str(value) for name, value in (await request.form()).items()}
        database, token = request.services.database, request.cookies.get(COOKIE, "")
        who = (await authenticate_cookie(database, token, request.request_id)).principal
        slug = form.get("organization", "")
        chosen = await _choose(request, who.user_id, slug)
        if chosen is None:
            raise UnknownOrganizationError(f"you do not belong to an organization {slug!r}")
        fresh = await _open(request, who.user_id, chosen.id, AuditAction.USER_SWITCHED)
        return _to(request, local_path(form.get("next")), _cookie(request, fresh))


def local_path(wanted: str | None) -> str:
    """``wanted`` if it is a path on this site, else the home page: never a way to another host."""
    if wanted is None or not wanted.startswith("/") or not wanted.isprintable():
        return HOME
    return HOME if wanted[1:2] in ("/", "\\") else wanted


def _refuse_foreign(request: ApiRequest) -> None:
    public_url = request.services.settings.web.public_url
    require_own_origin(request.headers.get("Origin"), public_url)


async def _choose(
    request: ApiRequest, user_id: UserId | None, slug: str | None
) -> OrganizationInfo | None:
    if user_id is None:
        return None
    belonging = await organizations_of(request.services.database, user_id)
    return next((one for one in belonging if not slug or one.slug == slug), None)


async def _open(request: ApiRequest, user_id: UserId, org_id: OrgId, act: AuditAction) -> str:
    return await open_session(
        request.services.database,
        user_id,
        org_id,
        replaces=request.cookies.get(COOKIE),
        request_id=request.request_id,
        act=act,
    )


def _failed(request: ApiRequest, wanted: str | None) -> _Reply:
    if _wants_json(request):
        raise LoginFailedError("e-mail or password are wrong")
    query = {"error": "invalid"} | ({"next": wanted} if wanted else {})
    return Redirect(f"{LOGIN_PAGE}?{urlencode(query)}", status_code=303)


def _to(request: ApiRequest, path: str, cookie: Cookie) -> _Reply:
    if _wants_json(request):
        return Response(None, status_code=204, cookies=[cookie])
    return Redirect(path, status_code=303, cookies=[cookie])


def _cookie(request: ApiRequest, token: str) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=int(LIFETIME.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=request.services.settings.web.secure_cookies,
    )


def _wants_json(request: ApiRequest) -> bool:
    return request.accept.best_match([MediaType.HTML, MediaType.JSON]) == MediaType.JSON
