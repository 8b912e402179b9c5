"""Navigation, top bar, menus and the two dialogs that belong to every page."""

import reflex as rx

from ui.components.island import Connection, Do, Logo, Value, When
from ui.reflex_types import cond, el, foreach, fragment, longer
from ui.session import MeView, OrganizationView, Session
from ui.theme import form, icon, kbd, link

NAVIGATION = (
    ("table-2", "Matrix", "/proposals"),
    ("activity", "Runs", "/runs"),
    ("book-open", "Playbooks", "/playbooks"),
)
KEYS = (
    ("J, K", "Next and previous"),
    ("Enter", "Open the proposal"),
    ("A", "Open it; in the card, approve"),
    ("R", "Reject, with a reason"),
    ("E", "Edit"),
    ("Q", "Ask the agent"),
    ("D", "Delegate the signature"),
    ("Z", "Take the approval back while it is held"),
    ("W", "Withdraw, with a reason"),
    ("U", "Undo what was executed, with a reason"),
    ("1 to 6", "Tabs of the card"),
    ("/", "Find"),
    ("Esc", "One step back"),
    ("?", "This list"),
)


def navigation(current: str, *, static: bool = False) -> rx.Component:
    """The pages that exist. ``static``: the same before any data is there."""
    entries = [
        _entry(name, title, to, current=title == current, static=static)
        for name, title, to in NAVIGATION
    ]
    top = el.div(el.span(class_name="mark"), class_name="cs-tenant") if static else _tenant()
    return el.aside(
        top,
        el.nav(*entries, aria_label="Main"),
        el.div(
            Do.create(
                icon("circle-help"),
                el.span("Keys"),
                kbd("?"),
                act="help",
                class_name="cs-navbtn",
            ),
            class_name="foot",
        )
        if not static
        else fragment(),
        class_name="cs-nav",
    )


def _entry(name: str, title: str, to: str, *, current: bool, static: bool) -> rx.Component:
    props = {"title": title, **({"aria_current": "page"} if current else {})}
    parts = (icon(name), el.span(title))
    return el.a(*parts, href=to, **props) if static else link(*parts, to=to, **props)


def _tenant() -> rx.Component:
    me = Session.me
    mark = el.span(me.organization.initials, class_name="mark", aria_hidden="true")
    name = el.span(el.span(me.organization.name, class_name="nm"), class_name="grow trunc")
    several = fragment(
        el.button(
            mark,
            name,
            icon("chevrons-up-down", 14),
            class_name="cs-tenant",
            custom_attrs={"popovertarget": "tenants"},
        ),
        el.div(
            el.div("Switch organization", class_name="lab"),
            foreach(me.organizations, _switch),
            id="tenants",
            class_name="cs-menu at-tenant",
            custom_attrs={"popover": "auto"},
        ),
    )
    return cond(longer(me.organizations, 1), several, el.div(mark, name, class_name="cs-tenant"))


def _switch(organization: OrganizationView) -> rx.Component:
    return form(
        el.input(type="hidden", name="organization", value=organization.slug, read_only=True),
        el.button(
            el.span(organization.initials, class_name="cs-av sq", aria_hidden="true"),
            el.span(organization.name, class_name="grow trunc"),
            cond(organization.current, icon("check", 14)),
            type="submit",
            class_name="it",
            disabled=organization.current,
        ),
        action="/auth/switch",
    )


def top_bar(title: str, path: tuple[rx.Component, ...]) -> rx.Component:
    """Title, demo tag, connection, user."""
    heading = el.div(*path, class_name="ttl trunc") if path else el.h1(title, class_name="ttl")
    return el.header(
        heading,
        el.span(class_name="grow"),
        cond(Session.me.is_demo, el.span("Demo data", class_name="cs-tag line"), fragment()),
        connection(),
        _user(),
        class_name="cs-top",
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
                el.div(me.roles, class_name="t3 s12"),
                class_name="whoami",
            ),
            el.hr(),
            el.button(
                rx.color_mode_cond(light=icon("moon", 14), dark=icon("sun", 14)),
                rx.color_mode_cond(light="Dark theme", dark="Light theme"),
                on_click=rx.toggle_color_mode,
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
    dialog = el.div(
        el.div(
            el.div(
                el.h2("Your session has ended", id="ended"),
                el.p(
                    "Sign in again to go on. What you see here may be out of date.", class_name="t2"
                ),
            ),
            el.footer(el.a("Sign in", href="/login", class_name="cs-btn primary", auto_focus=True)),
            class_name="cs-dialog",
            role="alertdialog",
            aria_labelledby="ended",
        ),
        class_name="cs-scrim over",
    )
    return cond(Session.who != "", When.create(dialog, of="session", equals="ended"), fragment())


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
