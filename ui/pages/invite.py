"""The door for who is invited: what the link offers, and the form that accepts it. Opening it decides nothing."""

import reflex as rx

from ui.api_client import Api
from ui.components.door import complaint, door, field
from ui.components.island import Time
from ui.pages.login import CODE_WANTED
from ui.reflex_types import cond, el, fragment
from ui.requests import ApiError
from ui.session import session_of
from ui.theme import form, link

ROUTE = "/invite"
GONE = "This invitation was used or is no longer good. Ask whoever invited you to send it again."
ERRORS = {
    "invitation_link_invalid": GONE,
    "organization_suspended": "The organization is suspended at present. Try again later.",
    "login_failed": "This is not the password of the account with this address.",
    "totp_required": "",
    "totp_wrong": "This code is wrong or was used before. Wait for the next one.",
    "unfit_password": "A password has 12 to 200 characters.",
    "invalid_input": "Write the name that others see.",
    "email_taken": "There is an account with this address by now. Accept with its password.",
    "already_member": "You belong to this organization already. Sign in.",
    "rate_limited": "Too many tries. Wait a minute, then try again.",
}
FAILED = "That did not work. Ask whoever invited you."


class Invite(rx.State):
    """What the link offers, and what went wrong with the form."""

    token: str = ""
    error: str = ""
    code: bool = False
    gone: str = ""
    loaded: bool = False
    organization: str = ""
    email: str = ""
    role: str = ""
    until: str = ""
    has_account: bool = False
    signed_in: bool = False

    @rx.event(background=True)
    async def read(self) -> None:
        """Take the token from the address and ask what it offers."""
        async with self:
            query = self.router.url.query_parameters
            code, self.token = query.get("error", ""), query.get("token", "")
            self.error = ERRORS.get(code, FAILED) if code else ""
            self.code, self.loaded, self.gone = code in CODE_WANTED, False, ""
            api, token = Api(session_of(self)), self.token
        try:
            found = await api.offer(token)
        except ApiError as error:
            async with self:
                self.gone = ERRORS.get(error.code, error.detail)
            return
        async with self:
            self.organization, self.email = found.organization, found.email
            self.role, self.until = found.role, found.expires_at.isoformat()
            self.has_account, self.signed_in, self.loaded = found.has_account, found.signed_in, True


ON_LOAD = [Invite.read]


def content() -> rx.Component:
    """The page."""
    return door(
        cond(
            Invite.gone != "",
            _gone(),
            cond(Invite.loaded, _accept(), _waiting()),
        )
    )


def _gone() -> rx.Component:
    return el.div(
        el.h1("This invitation cannot be accepted"),
        el.p(Invite.gone, class_name="t2", role="alert"),
        link("Go to sign-in", to="/login", class_name="s12"),
        class_name="box",
    )


def _waiting() -> rx.Component:
    return el.div(
        el.h1("Invitation"),
        el.span(class_name="cs-skel wide"),
        el.span(class_name="cs-skel wide"),
        aria_busy="true",
        class_name="box",
    )


def _accept() -> rx.Component:
    """Only what is needed of the person: nothing, the password of their account, or a name and a new password."""
    return form(
        el.h1("Join ", el.bdi(Invite.organization)),
        el.p(
            "This invitation is for ",
            el.bdi(Invite.email, class_name="w5", id="invited"),
            ", as ",
            Invite.role,
            ". It is good until ",
            Time.create(at=Invite.until, form="moment"),
            ".",
            class_name="t2",
        ),
        cond(
            Invite.signed_in,
            el.p("You are signed in with this address.", class_name="t2 s12"),
            cond(Invite.has_account, _known(), _new()),
        ),
        el.input(type="hidden", name="token", value=Invite.token, read_only=True),
        complaint(Invite.error),
        el.button("Join", type="submit", id="join", class_name="cs-btn primary"),
        action="/auth/invite",
        class_name="box",
    )


def _known() -> rx.Component:
    code = field(
        "totp", "Code of your authenticator app, or a recovery code", auto_complete="one-time-code"
    )
    return fragment(
        field(
            "password",
            "Password of your account",
            type="password",
            auto_complete="current-password",
        ),
        cond(Invite.code, code),
        link("Forgot your password?", to="/reset", class_name="s12"),
    )


def _new() -> rx.Component:
    return fragment(
        field("name", "Your name, as others see it", auto_complete="name", max_length=100),
        field(
            "password",
            "New password, 12 characters or more",
            type="password",
            auto_complete="new-password",
            min_length=12,
            max_length=200,
        ),
    )
