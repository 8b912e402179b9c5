"""Top bar, menus and the two dialogs that belong to every page."""

import reflex as rx

from ui.components.bell import bell
from ui.components.island import Connection, Do, Ended, Logo, Value, When
from ui.preferences import Preferences
from ui.reflex_types import call, cond, el, fragment
from ui.session import MeView, Session
from ui.theme import form, icon, kbd, link

KEYS = (
    ("J, K", "Next and previous"),
    ("Enter", "Open the proposal"),
    ("A", "Open it; in the card, approve"),
    ("R", "Reject, with a reason"),
    ("X", "Select; with Shift all up to here"),
    ("E", "Edit"),
    ("Q", "Ask the agent"),
    ("D", "Delegate the signature"),
    ("Z", "Take the approval back while it is held"),
    ("W", "Withdraw, with a reason"),
    ("U", "Undo what was executed, with a reason"),
    ("1 to 6", "Tabs of the card"),
    ("⌘K", "Search, or run a command; Ctrl K as well"),
    ("/", "Find"),
    ("Esc", "One step back"),
    ("?", "This list"),
)


def top_bar(title: str, path: tuple[rx.Component, ...]) -> rx.Component:
    """Title, search, demo tag, connection, bell, user."""
    heading = el.div(*path, class_name="ttl trunc") if path else el.h1(title, class_name="ttl")
    return el.header(
        Do.create(
            icon("panel-left"),
            act="rail",
            class_name="cs-btn quiet icon rail",
            title="Fold the navigation",
            aria_label="Fold the navigation",
        ),
        el.div(heading, class_name="grow row"),
        _search(),
        el.div(
            cond(Session.me.is_demo, el.span("Demo data", class_name="cs-tag line"), fragment()),
            connection(),
            bell(),
            _user(),
            class_name="grow row tail",
        ),
        class_name="cs-top",
    )


def _search() -> rx.Component:
    """Opens the command palette."""
    return Do.create(
        icon("search"),
        el.span("Search or run a command", class_name="grow trunc"),
        kbd("⌘K"),
        act="palette",
        id="search",
        class_name="cs-search",
        aria_haspopup="dialog",
    )


def connection() -> rx.Component:
    """How fresh the page is, in words."""
    return Connection.create(
        When.create(el.span(class_name="dot"), "Live", of="connection", equals="live"),
        When.create(
            el.span(class_name="dot"), "Catching up", of="connection", equals="catching-up"
        ),
        When.create(
            icon("wifi-off", 14),
            el.span(
                "Offline",
                el.span(
                    " since ", Value.create(of="since"), ". Deciding is paused", class_name="wide"
                ),
            ),
            of="connection",
            equals="offline",
        ),
    )


def _user() -> rx.Component:
    me: MeView = Session.me
    return fragment(
        el.button(
            el.span(me.initials, class_name="cs-av lg", aria_hidden="true"),
            el.span(cond(me.name != "", me.name, "Account"), class_name="sr"),
            class_name="cs-btn quiet icon",
            id="user-menu",
            custom_attrs={"popovertarget": "user"},
        ),
        el.div(
            el.div(
                el.div(me.name, class_name="w6"),
                el.div(me.email, class_name="t3 s12"),
                el.div(me.role, class_name="t3 s12"),
                class_name="whoami",
            ),
            el.hr(),
            link(icon("settings", 14), "Settings", to="/settings", class_name="it"),
            el.button(
                rx.color_mode_cond(light=icon("moon", 14), dark=icon("sun", 14)),
                rx.color_mode_cond(light="Dark theme", dark="Light theme"),
                on_click=[
                    rx.toggle_color_mode,
                    call(
                        Preferences.choose,
                        "theme",
                        rx.color_mode_cond(light="dark", dark="light"),
                    ),
                ],
                class_name="it",
                id="theme",
            ),
            form(
                el.button(
                    icon("log-out", 14), "Log out", type="submit", class_name="it", id="logout"
                ),
                action="/auth/logout",
            ),
            id="user",
            class_name="cs-menu at-user",
            custom_attrs={"popover": "auto"},
        ),
    )


def session_ended() -> rx.Component:
    """Covers the page once its session is over, without throwing away what is on the screen."""
    dialog = Ended.create(
        el.div(
            el.h2("Your session has ended", id="ended"),
            el.p(
                "Sign in again to go on where you are. Nothing was sent meanwhile.",
                class_name="t2",
            ),
        ),
        el.footer(
            Do.create("Sign in", act="signIn", id="sign-in", class_name="cs-btn primary"),
        ),
        class_name="cs-dialog",
        aria_labelledby="ended",
    )
    return When.create(dialog, of="session", equals="ended")


def key_help() -> rx.Component:
    """All keys; opened with ``?``."""
    return el.dialog(
        el.div(
            el.h2("Keys", id="keys-title"),
            el.dl(
                *[part for key, what in KEYS for part in (el.dt(kbd(key)), el.dd(what))],
                class_name="cs-kv",
            ),
        ),
        el.footer(Do.create("Close", act="help", class_name="cs-btn")),
        id="keys",
        class_name="cs-dialog",
        aria_labelledby="keys-title",
    )


def mark(size: int = 32) -> rx.Component:
    """The product's mark, as it stands over empty lists."""
    return Logo.create(size=size, left="var(--cs-text-2)", right="var(--cs-gray-6)")
