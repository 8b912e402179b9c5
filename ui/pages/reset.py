"""Another password for who has forgotten theirs: ask for a link, then set it. Opening the link decides nothing."""

import reflex as rx

from ui.components.door import complaint, door, field
from ui.reflex_types import cond, el
from ui.theme import form, link

ROUTE = "/reset"
ERRORS = {
    "reset_link_invalid": "This link was used or has expired. Ask for another one.",
    "unfit_password": "A password has 12 to 200 characters.",
    "rate_limited": "Too many tries. Wait a minute, then try again.",
}
FAILED = "That did not work. Ask for another link."


class Reset(rx.State):
    """What the address of the page says."""

    token: str = ""
    error: str = ""
    sent: bool = False

    @rx.event
    def read(self) -> None:
        """Take all of it from the query."""
        query = self.router.url.query_parameters
        code = query.get("error", "")
        self.token, self.sent = query.get("token", ""), query.get("sent", "") == "1"
        self.error = ERRORS.get(code, FAILED) if code else ""


ON_LOAD = [Reset.read]


def content() -> rx.Component:
    """The page."""
    return door(cond(Reset.token == "", _ask(), _set()))


def _ask() -> rx.Component:
    sent = el.p(
        "If somebody has this address, a link is on its way to it. It is good for 30 minutes.",
        role="status",
        class_name="t2",
    )
    return form(
        el.h1("Set a new password"),
        cond(Reset.sent, sent),
        field("email", "Work e-mail", type="email", auto_complete="username", auto_focus=True),
        complaint(Reset.error),
        el.button("Send me a link", type="submit", id="ask", class_name="cs-btn primary"),
        link("Back to sign-in", to="/login", class_name="s12"),
        action="/auth/reset-link",
        class_name="box",
    )


def _set() -> rx.Component:
    return form(
        el.h1("Set a new password"),
        field(
            "new",
            "New password, 12 characters or more",
            type="password",
            auto_complete="new-password",
            min_length=12,
            max_length=200,
            auto_focus=True,
        ),
        el.input(type="hidden", name="token", value=Reset.token, read_only=True),
        complaint(Reset.error),
        el.button("Set password", type="submit", id="set", class_name="cs-btn primary"),
        action="/auth/reset",
        class_name="box",
    )
