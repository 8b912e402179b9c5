"""Style sheets, icons and other small pieces of the look that several components share."""

from typing import cast

import reflex as rx

from ui.components.island import Form, Link
from ui.reflex_types import el

STYLESHEETS = [
    "/css/tokens.css",
    "/css/components.css",
    "/css/ag-grid.css",
    "/css/app.css",
    "/css/shell.css",
    "/css/card.css",
    "/css/runs.css",
    "/css/inbox.css",
    "/css/filters.css",
    "/css/dashboard.css",
    "/css/settings.css",
    "/css/security.css",
    "/css/members.css",
    "/css/roles.css",
    "/css/bulk.css",
    "/css/audit.css",
]


def icon(name: str, size: int = 16, **props: object) -> rx.Component:
    """A Lucide outline in the weight of the design. Decoration: the text beside it speaks."""
    kind = {14: "ic s14", 12: "ic s12", 20: "ic s20"}.get(size, "ic")
    look = {"stroke_width": 1.75, "class_name": kind, "aria_hidden": "true"}
    return cast("rx.Component", rx.icon(name, size=size, **look, **props))


def inline(**lengths: object) -> dict[str, object]:
    """Lengths from the state as the element's own style, so that no style sheet grows with every new number."""
    return {"style": rx.Var.create(lengths)}


def kbd(key: str) -> rx.Component:
    """A key, inside a button or a hint."""
    return el.span(key, class_name="kbd", aria_hidden="true")


def link(*children: object, to: object, **props: object) -> rx.Component:
    """A link inside the app."""
    return Link.create(*children, to=to, **props)


def outside(*children: object, href: object, class_name: str = "cs-btn") -> rx.Component:
    """A link to another system, in a new tab."""
    return el.a(
        *children,
        icon("arrow-up-right", 14),
        href=href,
        target="_blank",
        rel="noreferrer",
        class_name=class_name,
    )


def form(*children: object, action: str, **props: object) -> rx.Component:
    """A form that the browser posts itself."""
    return cast("rx.Component", Form.create(*children, method="post", action=action, **props))
