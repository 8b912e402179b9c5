"""Another password: by the present one, or by a link that goes to the person's address. A GET decides nothing."""

from urllib.parse import urlencode

from litestar import Controller, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.params import JSONBody
from litestar.response import Redirect

from backend.api import logins
from backend.api.cookies import with_fresh_session
from backend.api.deps import ApiRequest
from backend.api.guards import by_person, public, signed_in, takes_form
from backend.api.web_auth import LOGIN_PAGE, refuse_foreign
from backend.schemas.passwords import PasswordChange, PasswordReset, ResetRequest
from tenancy import new_passwords
from tenancy.context import Channel
from tenancy.new_passwords import RESET_PAGE, Outlet
from tenancy.principals import Authenticated
from tenancy.ratelimit import RateClass

_Reply = Response[None]


@post("/me/password", status_code=204, opt=by_person(signed_in()))
async def change(request: ApiRequest, data: JSONBody[PasswordChange]) -> _Reply:
    """Take another password; every other session and token of yours ends. A browser gets another cookie."""
    database, limiter = request.services.database, request.services.limiter
    who = Authenticated(request.principal, request.lease)
    await new_passwords.require_password(database, limiter, who, data.password)
    doing = logins.doing(request, who.principal.channel)
    await new_passwords.change_password(database, who, doing, present=data.password, new=data.new)
    return await with_fresh_session(request, Response(None, status_code=204))


class PasswordResetController(Controller):
    """``/api/v1/auth/password-reset``."""

    path = "/auth/password-reset"
    opt = public(RateClass.LOGIN)

    @post(status_code=202)
    async def ask(self, request: ApiRequest, data: JSONBody[ResetRequest]) -> _Reply:
        """Have a link sent to this address; the answer is the same whether somebody has it or not."""
        return Response(None, status_code=202, background=_mailing(request, data.email))

    @post("/confirm", status_code=204)
    async def confirm(self, request: ApiRequest, data: JSONBody[PasswordReset]) -> None:
        """Set the password by the token of a link, once; every session and token of the person ends."""
        doing = logins.doing(request, Channel.REST)
        database = request.services.database
        await new_passwords.reset_password(database, data.token, data.new, doing)


class PasswordFormController(Controller):
    """``/auth``: the same for the forms of the page."""

    path = "/auth"
    opt = public(RateClass.LOGIN)

    @post("/reset-link", status_code=303, opt=takes_form(ResetRequest))
    async def ask(self, request: ApiRequest) -> _Reply:
        """Have a link sent to ``email``."""
        refuse_foreign(request)
        form = await logins.form_of(request)
        reply = Redirect(f"{RESET_PAGE}?sent=1", status_code=303)
        reply.background = _mailing(request, form.get("email", ""))
        return reply

    @post("/reset", status_code=303, opt=takes_form(PasswordReset))
    async def confirm(self, request: ApiRequest) -> _Reply:
        """Set the password ``new`` by the ``token`` of a link, then log in with it."""
        refuse_foreign(request)
        form = await logins.form_of(request)
        token, doing = form.get("token", ""), logins.doing(request, Channel.WEB)
        try:
            database, new = request.services.database, form.get("new", "")
            await new_passwords.reset_password(database, token, new, doing)
        except new_passwords.UnfitPasswordError as error:
            query = urlencode({"token": token, "error": error.code})
            return Redirect(f"{RESET_PAGE}?{query}", status_code=303)
        except new_passwords.ResetLinkError as error:
            return Redirect(f"{RESET_PAGE}?error={error.code}", status_code=303)
        return Redirect(f"{LOGIN_PAGE}?done=reset", status_code=303)


def _mailing(request: ApiRequest, email: str) -> BackgroundTask:
    """The work of a request for a link, done after the reply, whose time tells nothing then."""
    settings = request.services.settings
    outlet = Outlet(settings.keys, settings.web.public_url)
    doing = logins.doing(request, Channel.WEB)
    return BackgroundTask(
        new_passwords.request_reset, request.services.database, outlet, email, doing
    )
