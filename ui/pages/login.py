"""Sign-in. A plain form to the API, so that it works before any script has run."""

import reflex as rx

from ui.components.island import Logo
from ui.reflex_types import cond, el
from ui.theme import form, icon

ROUTE = "/login"
ERRORS = {
    "rate_limited": "Too many tries. Wait a minute, then try again.",
}
REFUSED = "We could not sign you in with this address and password. Check both, or ask an admin of your organization."


class Login(rx.State):
    """What the address of the page says: an error, and where to go afterwards."""

    error: str = ""
    next: str = "/proposals"

    @rx.event
    def read(self) -> None:
        """Take both from the query."""
        query = self.router.url.query_parameters
        code = query.get("error", "")
        self.error = ERRORS.get(code, REFUSED) if code else ""
        self.next = local_path(query.get("next", ""))


def local_path(wanted: str) -> str:
    """``wanted`` if it is a path on this site, else the matrix: never a way to another host."""
    leaves = wanted[1:2] in ("/", "\\") or not wanted.startswith("/")
    return "/proposals" if leaves else wanted


ON_LOAD = [Login.read]


def content() -> rx.Component:
    """The page."""
    return el.div(_fold(), _brand(), _form(), class_name="cs-login")


def _fold() -> rx.Component:
    half = {"fill": "none", "stroke_width": 5, "stroke_linecap": "round"}
    return el.svg(
        el.path(d="M203 20A190 190 0 0 0 203 400", stroke="var(--cs-on-accent)"),
        el.path(
            d="M217 20A190 190 0 0 1 217 400",
            stroke="var(--cs-accent-text)",
            stroke_dasharray=".1 15.5",
        ),
        view_box="0 0 420 420",
        class_name="fold",
        aria_hidden="true",
        **half,
    )


def _brand() -> rx.Component:
    return el.section(
        el.div(el.span(Logo.create(size=20)), "Countersign", class_name="wm"),
        el.p("Nothing leaves this house without a second hand.", class_name="claim"),
        class_name="brand",
        aria_label="Countersign",
    )


def _form() -> rx.Component:
    error = cond(
        Login.error != "",
        el.div(
            icon("triangle-alert", 14),
            el.span(Login.error),
            class_name="err",
            id="error",
            role="alert",
        ),
    )
    return el.main(
        form(
            el.h1("Sign in"),
            _field(
                "email",
                "Work e-mail",
                type="email",
                auto_complete="username",
                auto_focus=True,
            ),
            _field("password", "Password", type="password", auto_complete="current-password"),
            error,
            el.input(type="hidden", name="next", value=Login.next, read_only=True),
            el.button("Sign in", type="submit", id="login", class_name="cs-btn primary"),
            action="/auth/login",
            class_name="box",
        ),
        el.footer(Logo.create(size=14), "Secured by Countersign", class_name="row s12 t3"),
        class_name="form",
    )


def _field(name: str, label: str, **props: object) -> rx.Component:
    return el.div(
        el.label(label, html_for=name),
        el.input(id=name, name=name, required=True, class_name="cs-input", **props),
        class_name="cs-field",
    )
