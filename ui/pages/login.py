"""Sign-in: address and password, and the code of an authenticator app where the API asks for it."""

import reflex as rx

from ui.components.door import complaint, door, field
from ui.components.island import Remember
from ui.reflex_types import cond, el
from ui.theme import form, link

ROUTE = "/login"
WRONG_CODE = "totp_wrong"
CODE_WANTED = ("totp_required", WRONG_CODE)
ERRORS = {
    "rate_limited": (
        "Too many tries. Wait a minute, then try again; from a new place, set a new password first."
    ),
    WRONG_CODE: "This code is wrong or was used before. Wait for the next one.",
    "totp_required": "",
}
REFUSED = "We could not sign you in with this address and password. Check both, or ask an admin of your organization."


class Login(rx.State):
    """What the address of the page says: an error, and where to go afterwards."""

    error: str = ""
    next: str = "/proposals"
    again: bool = False
    code: bool = False
    renewed: bool = False

    @rx.event
    def read(self) -> None:
        """Take all of it from the query."""
        query = self.router.url.query_parameters
        code = query.get("error", "")
        self.error = ERRORS.get(code, REFUSED) if code else ""
        self.again, self.code = code != "", code in CODE_WANTED
        self.renewed = query.get("done", "") == "reset"
        self.next = local_path(query.get("next", ""))


def local_path(wanted: str) -> str:
    """``wanted`` if it is a path on this site, else the matrix: never a way to another host."""
    leaves = wanted[1:2] in ("/", "\\") or not wanted.startswith("/")
    return "/proposals" if leaves else wanted


ON_LOAD = [Login.read]


def content() -> rx.Component:
    """The page."""
    return door(_form())


def _form() -> rx.Component:
    return form(
        el.h1("Sign in"),
        cond(
            (Login.next != "/proposals") & (Login.error == ""),
            el.p("You go on where you were.", class_name="t2 s12"),
        ),
        cond(Login.renewed, _said("Your new password is set. Sign in with it.")),
        field("email", "Work e-mail", type="email", auto_complete="username", auto_focus=True),
        field("password", "Password", type="password", auto_complete="current-password"),
        cond(Login.code, _code()),
        el.input(type="hidden", name="next", value=Login.next, read_only=True),
        Remember.create(refused=Login.again, next=Login.next),
        complaint(Login.error),
        el.button("Sign in", type="submit", id="login", class_name="cs-btn primary"),
        link("Forgot your password?", to="/reset", class_name="s12"),
        id="log-in",
        action="/auth/login",
        class_name="box",
    )


def _code() -> rx.Component:
    return el.div(
        _said("You sign in with a second factor. Type your password once more, and the code."),
        field(
            "totp",
            "Code of your authenticator app, or a recovery code",
            auto_complete="one-time-code",
        ),
    )


def _said(text: str) -> rx.Component:
    return el.p(text, role="status", class_name="t2 s12")
