"""One figure: label, number, unit, sample, and on demand what it counts. The number leads to its rows."""

import reflex as rx

from ui.dashboard_views import FigureView
from ui.reflex_types import cond, el
from ui.theme import icon, link


def figure(f: FigureView) -> rx.Component:
    """A tile of the row of figures."""
    number = el.span(
        el.span(f.value, custom_attrs={"data-value": f.id}), el.small(f.unit), class_name="v"
    )
    return el.div(
        el.div(
            el.h3(f.label),
            el.button(
                icon("info", 12),
                el.span("What ", f.label, " counts", class_name="sr"),
                type="button",
                class_name="cs-info",
                custom_attrs={"popovertarget": f.tip},
            ),
            class_name="l",
        ),
        cond(
            f.href != "",
            link(number, el.span(": show them", class_name="sr"), to=f.href, class_name="to"),
            number,
        ),
        el.div(f.sample, class_name="s num"),
        el.div(f.what, id=f.tip, class_name="cs-tip", custom_attrs={"popover": "auto"}),
        class_name="cs-figure",
        custom_attrs={"data-figure": f.id},
    )


def figure_skeleton() -> rx.Component:
    """A tile before its number is known."""
    return el.div(
        el.span(class_name="cs-skel l"),
        el.span(class_name="cs-skel v"),
        el.span(class_name="cs-skel s"),
        class_name="cs-figure",
    )
