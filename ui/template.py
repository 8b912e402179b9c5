"""The frame of every signed-in page: navigation, top bar, menus, key help, and what runs beside the page."""

import reflex as rx

from ui.components import panel, shell
from ui.components.island import Anchor, Announce, Bridge, Counting, Keys, Look
from ui.components.navigation import navigation
from ui.components.palette import palette
from ui.preferences import Preferences
from ui.reflex_types import cond, el, fragment
from ui.session import Session


def page(title: str, *body: rx.Component, path: tuple[rx.Component, ...] = ()) -> rx.Component:
    """The frame around ``body``. ``path`` replaces the title in the top bar where a page lies deeper."""
    return fragment(
        Anchor.create("Skip to content", href="#body", class_name="cs-skip"),
        el.div(
            navigation(title),
            el.div(
                shell.top_bar(title, path),
                el.main(_body(*body), id="body", class_name="cs-body", tab_index=-1),
                class_name="cs-main",
            ),
            class_name="cs-shell",
        ),
        shell.session_ended(),
        shell.key_help(),
        palette(),
        Announce.create(),
        Bridge.create(who=Session.who, leave=Session.leave, ended=Session.ended),
        Counting.create(who=Session.who),
        Keys.create(),
        Look.create(
            theme=Preferences.theme,
            density=Preferences.density,
            quiet=Preferences.quiet,
            on_mount=Preferences.load,
        ),
    )


def _body(*body: rx.Component) -> rx.Component:
    """The page, or why nobody works in this organization at present."""
    suspended = panel.closed(
        "This organization is suspended",
        "Nobody can work in it at present, and no agent does. Nothing is lost: it goes on where it was once it is"
        " resumed. Ask whoever runs this installation, or switch to another organization of yours.",
    )
    return cond(Session.me.suspended, suspended, fragment(*body))


def waiting() -> rx.Component:
    """What stands on the screen until the page's scripts have run: the same frame, without data."""
    rows = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(14)]
    return el.div(
        navigation("", static=True),
        el.div(
            el.header(el.span("Countersign", class_name="ttl"), class_name="cs-top"),
            el.main(*rows, class_name="cs-body", aria_busy="true", aria_label="Loading"),
            class_name="cs-main",
        ),
        class_name="cs-shell",
    )
