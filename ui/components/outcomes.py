"""What became of each playbook's proposals, as a table with a small bar a line."""

import reflex as rx

from ui.components.island import Seal
from ui.dashboard_views import OutcomeView
from ui.reflex_types import cond, el, foreach, fragment
from ui.theme import inline, link

PARTS = (
    ("automated", "By policy"),
    ("approved", "Approved by people"),
    ("rejected", "Rejected"),
    ("rest", "No outcome yet"),
)


def outcomes(shown: object) -> rx.Component:
    """The table; under 768 px a list."""
    head = el.tr(
        el.th("Playbook", scope="col"),
        el.th("Proposed", scope="col", class_name="r"),
        el.th("Outcome", scope="col", class_name="bar"),
        el.th("Edited", scope="col", class_name="r"),
        el.th("Rejected", scope="col", class_name="r"),
        el.th("Executed", scope="col", class_name="r"),
        el.th("Model spend", scope="col", class_name="r"),
        el.th("Failed", scope="col", class_name="r"),
    )
    return el.table(
        el.thead(head), el.tbody(foreach(shown, _outcome)), class_name="cs-table outcomes"
    )


def outcome_legend() -> rx.Component:
    """What the parts of the small bars mean."""
    return el.span(
        *[el.span(el.i(class_name=kind), title) for kind, title in PARTS],
        class_name="cs-legend",
        aria_hidden="true",
    )


def _outcome(o: OutcomeView) -> rx.Component:
    bar = el.div(
        _part("automated", o.automated_width),
        _part("approved", o.approved_width),
        _part("rejected", o.rejected_width),
        class_name="cs-stackbar",
        role="img",
        custom_attrs={"aria-label": o.said, "title": o.said},
    )
    failed = el.span(Seal.create(state="failed", size=14, hidden=True), o.failed, class_name="row")
    return el.tr(
        el.td(link(o.name, to=o.href, class_name="w5 open")),
        _number("Proposed", o.proposed),
        el.td(bar, class_name="bar"),
        _number("Edited", o.edited, o.edited_share),
        _number("Rejected", o.rejected, o.rejected_share),
        _number("Executed", o.executed),
        _number("Model spend", o.spend),
        _number("Failed", cond(o.failed != "", failed, el.span("none", class_name="t3"))),
    )


def _part(kind: str, width: object) -> rx.Component:
    return el.i(class_name=kind, custom_attrs=inline(width=width))


def _number(label: str, value: object, share: object = "") -> rx.Component:
    return el.td(
        value,
        el.span(share, class_name="share") if not isinstance(share, str) else fragment(),
        class_name="r",
        custom_attrs={"data-label": label},
    )
