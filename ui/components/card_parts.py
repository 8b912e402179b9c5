"""Small pieces that several tabs of the card are made of."""

import reflex as rx

from ui.reflex_types import el, fragment
from ui.view_models import Pair


def heading(title: object, aside: object) -> rx.Component:
    """The title of a section, with a remark at its end."""
    return el.h2(title, el.span(aside, class_name="end"), class_name="cs-h")


def section(title: object, aside: object, *body: rx.Component) -> rx.Component:
    """A titled stretch of a tab."""
    return el.section(heading(title, aside), *body, class_name="cs-sec")


def pair(one: Pair) -> rx.Component:
    """A label and its value from the state."""
    return pair_of(one.label, one.value)


def pair_of(label: object, value: object) -> rx.Component:
    """A label and its value."""
    return fragment(el.dt(label), el.dd(value))


def step(mark: rx.Component, title: object, detail: object = "") -> rx.Component:
    """One line of a list of steps."""
    return el.li(mark, el.div(el.div(title, class_name="w5"), el.div(detail, class_name="t2")))
