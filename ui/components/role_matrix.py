"""What the system roles permit: a line for each right, a column for each role."""

import reflex as rx

from ui.components.role_state import Roles
from ui.formats import NONE
from ui.reflex_types import cond, el, foreach, fragment
from ui.role_views import Cell, RightRow


def role_matrix() -> rx.Component:
    """The table; it scrolls within itself where it is wider than the screen."""
    names = foreach(Roles.view.system, lambda name: el.th(name, scope="col"))
    table = el.table(
        el.caption("How far each system role reaches with each right", class_name="sr"),
        el.thead(el.tr(el.th("Right", scope="col"), names)),
        el.tbody(foreach(Roles.view.matrix, _row)),
        class_name="cs-table",
    )
    return el.div(
        table,
        class_name="cs-rights",
        role="region",
        tab_index=0,
        aria_label="System roles",
    )


def _row(row: RightRow) -> rx.Component:
    right = el.th(
        el.span(row.resource, class_name=cond(row.first, "w5", "sr")),
        " ",
        el.span(row.action, class_name="t2"),
        scope="row",
    )
    return el.tr(right, foreach(row.cells, _cell), class_name=cond(row.first, "first", ""))


def _cell(cell: Cell) -> rx.Component:
    none = fragment(el.span(NONE, aria_hidden="true"), el.span("No", class_name="sr"))
    return el.td(cond(cell.scope != "", cell.word, none), custom_attrs={"data-scope": cell.scope})
