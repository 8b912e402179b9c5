"""The frame of the pages in front of the app: brand, and a plain form to the API that needs no script."""

import reflex as rx

from ui.components.island import Logo
from ui.reflex_types import cond, el
from ui.theme import icon


def door(*inside: rx.Component) -> rx.Component:
    """The page around a form."""
    foot = el.footer(Logo.create(size=14), "Secured by Countersign", class_name="row s12 t3")
    return el.div(
        _fold(), _brand(), el.main(*inside, foot, class_name="form"), class_name="cs-login"
    )


def field(name: str, label: str, **props: object) -> rx.Component:
    """A field that must be filled in, with its label."""
    return el.div(
        el.label(label, html_for=name),
        el.input(id=name, name=name, required=True, class_name="cs-input", **props),
        class_name="cs-field",
    )


def complaint(text: rx.Var[str] | str) -> rx.Component:
    """What went wrong with the form, if anything; read out at once."""
    said = el.div(
        icon("triangle-alert", 14), el.span(text), class_name="err", id="error", role="alert"
    )
    return cond(text != "", said)


def _fold() -> rx.Component:
    half = {"fill": "none", "stroke_width": 5, "stroke_linecap": "round"}
    return el.svg(
        el.path(d="M203 20A190 190 0 0 0 203 400", stroke="var(--cs-on-accent)"),
        el.path(
            d="M217 20A190 190 0 0 1 217 400",
            stroke="var(--cs-accent-text)",
            stroke_dasharray=".1 15.5",
        ),
        view_box="0 0 420 420",
        class_name="fold",
        aria_hidden="true",
        **half,
    )


def _brand() -> rx.Component:
    return el.section(
        el.div(el.span(Logo.create(size=20)), "Countersign", class_name="wm"),
        el.p("Nothing leaves this house without a second hand.", class_name="claim"),
        class_name="brand",
        aria_label="Countersign",
    )
