"""The frame of every signed-in page: navigation, top bar, menus, key help, and what runs beside the page."""

import reflex as rx

from ui.components import shell
from ui.components.island import Anchor, Bridge, Keys
from ui.reflex_types import el, fragment
from ui.session import Session


def page(title: str, *body: rx.Component, path: tuple[rx.Component, ...] = ()) -> rx.Component:
    """The frame around ``body``. ``path`` replaces the title in the top bar where a page lies deeper."""
    return fragment(
        Anchor.create("Skip to content", href="#body", class_name="cs-skip"),
        el.div(
            shell.navigation(title),
            el.div(
                shell.top_bar(title, path),
                el.main(*body, id="body", class_name="cs-body", tab_index=-1),
                class_name="cs-main",
            ),
            class_name="cs-shell",
        ),
        shell.session_ended(),
        shell.key_help(),
        Bridge.create(who=Session.who, leave=Session.leave),
        Keys.create(),
    )


def waiting() -> rx.Component:
    """What stands on the screen until the page's scripts have run: the same frame, without data."""
    rows = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(14)]
    return el.div(
        shell.navigation("", static=True),
        el.div(
            el.header(el.span("Countersign", class_name="ttl"), class_name="cs-top"),
            el.main(*rows, class_name="cs-body", aria_busy="true", aria_label="Loading"),
            class_name="cs-main",
        ),
        class_name="cs-shell",
    )
