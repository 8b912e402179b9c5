"""The frame of every signed-in page: navigation, top bar, menus, key help, and what runs beside the page."""

import reflex as rx

from ui.components import shell
from ui.components.island import Bridge, Keys
from ui.session import Session


def page(title: str, *body: rx.Component, path: tuple[rx.Component, ...] = ()) -> rx.Component:
    """The frame around ``body``. ``path`` replaces the title in the top bar where a page lies deeper."""
    return rx.fragment(
        rx.el.a("Skip to content", href="#body", class_name="cs-skip"),
        rx.el.div(
            shell.navigation(title),
            rx.el.div(
                shell.top_bar(title, path),
                rx.el.main(*body, id="body", class_name="cs-body"),
                class_name="cs-main",
            ),
            class_name="cs-shell",
        ),
        shell.session_ended(),
        shell.key_help(),
        Bridge.create(who=Session.who),
        Keys.create(),
    )


def waiting() -> rx.Component:
    """What stands on the screen until the page's scripts have run: the same frame, without data."""
    rows = [rx.el.div(rx.el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(14)]
    return rx.el.div(
        shell.navigation("", static=True),
        rx.el.div(
            rx.el.header(rx.el.span("Countersign", class_name="ttl"), class_name="cs-top"),
            rx.el.main(*rows, class_name="cs-body", aria_busy="true", aria_label="Loading"),
            class_name="cs-main",
        ),
        class_name="cs-shell",
    )
