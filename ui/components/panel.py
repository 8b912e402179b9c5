"""A panel of a page: its heading, and what stands in it while there is nothing to show."""

import reflex as rx

from ui.reflex_types import el, fragment
from ui.theme import icon


def panel(
    title: str, *body: rx.Component, source: object = "", tools: rx.Component | None = None
) -> rx.Component:
    """A titled box. ``source`` says in small print what it is made from, ``tools`` stand at the end of the heading."""
    return el.section(
        el.header(
            el.h3(title),
            el.span(source, class_name="src num"),
            el.span(class_name="grow"),
            tools or fragment(),
        ),
        *body,
        class_name="cs-panel",
        aria_label=title,
    )


def part(title: str, text: str, *body: rx.Component) -> rx.Component:
    """A part of a page of settings: what it is about at the side, and its panel."""
    name = title.lower()
    return el.section(
        el.header(el.h2(title, id=name), el.p(text, class_name="t2")),
        el.div(*body, class_name="cs-panel"),
        aria_labelledby=name,
    )


def broken(title: str, text: object, retry: object) -> rx.Component:
    """What could not be loaded, why, and the way to try again."""
    return el.div(
        icon("triangle-alert", 20),
        el.h3(title),
        el.p(text),
        el.div(el.button("Try again", on_click=retry, class_name="cs-btn"), class_name="row"),
        class_name="cs-empty",
        role="alert",
    )


def closed(title: str, text: object) -> rx.Component:
    """What the reader may not see, and who can help."""
    return el.div(icon("lock", 20), el.h3(title), el.p(text), class_name="cs-empty", role="status")


def skeleton(lines: int = 5) -> rx.Component:
    """Grey lines until the first answer."""
    rows = [el.span(class_name="cs-skel") for _ in range(lines)]
    return el.div(*rows, class_name="cs-panelskel", aria_busy="true", aria_label="Loading")
