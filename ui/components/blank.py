"""What stands where a page has nothing to show: empty, broken, or not open to this person."""

import reflex as rx

from ui.reflex_types import el, fragment
from ui.theme import icon


def note(mark: rx.Component, title: str, text: object, *ways: rx.Component) -> rx.Component:
    """The fact, what it means, and the ways on."""
    return el.div(
        mark,
        el.h2(title),
        el.p(text),
        el.div(*ways, class_name="row") if ways else fragment(),
        class_name="cs-empty fill",
        role="status",
    )


def forbidden(title: str, detail: object) -> rx.Component:
    """The person has no right to it; says who can help."""
    help_ = fragment(detail, " An admin of your organization can change that.")
    return note(icon("lock", 20), title, help_)
