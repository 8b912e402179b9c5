"""The door for who is invited. Opening the link decides nothing; a form that our own page posts accepts."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from backend.api import logins
from backend.api.cookies import fresh_session
from backend.api.deps import COOKIE, ApiRequest
from backend.api.guards import public, refuses, takes_form
from backend.api.origins import ForeignOriginError
from backend.api.problems import problem_of
from backend.api.web_auth import HOME, refuse_foreign, to_page, wants_json
from backend.core.errors import AppError, UnauthenticatedError
from backend.core.ids import UserId
from backend.schemas.organizations import InvitationForm, InvitationOffer
from tenancy import joining
from tenancy.audit import AuditAction
from tenancy.context import Channel, Principal
from tenancy.invitations import INVITE_PAGE
from tenancy.joining import Offer
from tenancy.login import LoginRefusedError
from tenancy.ratelimit import RateClass, TooManyRequestsError
from tenancy.sessions import authenticate_cookie

_FORM = "invitation"
_Token = Annotated[str, QueryParameter(name="token", max_length=200)]
_Reply = Response[None]


def _refused(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    """A browser goes back to the page with the reason, a program gets the problem document."""
    reply: Response[Any]
    if wants_json(request):
        reply = problem_of(request, error)
    else:
        query = {"token": request.scope["state"].get(_FORM, ""), "error": error.code}
        headers = error.headers if isinstance(error, TooManyRequestsError) else None
        reply = Redirect(f"{INVITE_PAGE}?{urlencode(query)}", status_code=303, headers=headers)
    if isinstance(error, LoginRefusedError):
        reply.background = logins.audited(error, request, Channel.WEB)
    return reply


_HANDLERS: ExceptionHandlersMap = {AppError: _refused, ForeignOriginError: problem_of}


@get("/auth/invitation", opt={**public(RateClass.API), **refuses(403)})
async def offer(request: ApiRequest, token: _Token) -> InvitationOffer:
    """What the link with this token offers, and to whom; it changes nothing."""
    found = await joining.read_offer(request.services.database, token)
    return InvitationOffer(
        organization=found.organization,
        email=found.email,
        role=found.role,
        expires_at=found.expires_at,
        has_account=found.has_account,
        signed_in=await _invited_person(request, found) is not None,
    )


class JoiningController(Controller):
    """``/auth``: acceptance by the form of the page."""

    path = "/auth"
    opt = public(RateClass.LOGIN)
    exception_handlers = _HANDLERS

    @post("/invite", status_code=303, opt={**takes_form(InvitationForm), **refuses(409)})
    async def accept(self, request: ApiRequest) -> _Reply:
        """Accept the invitation with this ``token``, once, and open a session in the organization.

        Signed in as the invited address that is all; else ``password`` proves the account, or makes it with ``name``.
        """
        refuse_foreign(request)
        form = await logins.form_of(request)
        token, database = form.get("token", ""), request.services.database
        request.scope["state"][_FORM] = token
        found = await joining.read_offer(database, token)
        user_id = await _person(request, found, form)
        doing = logins.doing(request, Channel.WEB)
        org_id = await joining.join(database, token, user_id, doing)
        act = AuditAction.USER_LOGGED_IN
        return to_page(request, HOME, await fresh_session(request, user_id, org_id, act))


async def _person(request: ApiRequest, found: Offer, form: Mapping[str, str]) -> UserId:
    known = await _invited_person(request, found)
    if known is not None:
        return known.user_id
    if found.has_account:
        return await logins.proved(request, {**form, "email": found.email}, Channel.WEB)
    database, token = request.services.database, form.get("token", "")
    name, password = form.get("name", ""), form.get("password", "")
    return await joining.make_account(database, token, name=name, password=password)


async def _invited_person(request: ApiRequest, found: Offer) -> Principal | None:
    """Who is signed in in this browser, if it is who the invitation is for."""
    cookie, database = request.cookies.get(COOKIE, ""), request.services.database
    try:
        who = (await authenticate_cookie(database, cookie, request.request_id)).principal
    except UnauthenticatedError:
        return None
    return who if who.email == found.email else None
