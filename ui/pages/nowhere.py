"""What stands where an address leads nowhere."""

import reflex as rx

from ui.components.island import Do
from ui.reflex_types import el
from ui.session import Session
from ui.template import page
from ui.theme import icon, kbd, link

ROUTE = "404"
ON_LOAD = [Session.boot]


def content() -> rx.Component:
    """The page."""
    return page(
        "Not found",
        el.div(
            icon("file-question", 20),
            el.h2("Nothing is here"),
            el.p("The address is incomplete, or what it named is gone."),
            el.div(
                link("Open the matrix", to="/proposals", class_name="cs-btn primary"),
                Do.create("Search", kbd("⌘K"), act="palette", class_name="cs-btn"),
                class_name="row",
            ),
            class_name="cs-empty fill",
        ),
    )
