"""The ledger of a proposal: every field that changes, before and after."""

import reflex as rx

from ui.formats import Piece
from ui.reflex_types import cond, el, foreach, fragment, longer, match
from ui.view_models import ChangeView


def ledger(changes: list[ChangeView], before: object, after: object) -> rx.Component:
    """The table; ``before`` and ``after`` head its columns."""
    head = el.tr(
        el.th("Field"),
        el.th(before, class_name="r"),
        el.th(after, class_name="r"),
        el.th("Change", class_name="r"),
    )
    return el.table(el.thead(head), el.tbody(foreach(changes, _change)), class_name="cs-ledger")


def _change(line: ChangeView) -> rx.Component:
    field = el.td(line.label, el.span(line.path, class_name="mono"), class_name="f")
    columns = fragment(
        el.td(line.before, class_name="r old"),
        el.td(
            cond(line.delta == "", el.ins(line.after), el.span(line.after)),
            class_name="r new",
        ),
        el.td(line.delta, class_name="r " + line.tone),
    )
    words = el.td(foreach(line.pieces, _word), class_name="r", col_span=3)
    return el.tr(
        field,
        cond(longer(line.pieces, 0), words, columns),
        class_name=cond(line.total, "total", ""),
    )


def _word(piece: Piece) -> rx.Component:
    return match(
        piece.mark,
        ("ins", el.ins(piece.text)),
        ("del", el.del_(piece.text)),
        el.span(piece.text),
    )
