"""Faces of what narrows the list: chips with their editors, the export, and what the list adds up to."""

import reflex as rx

from ui.components.island import Island


class _Narrowing(Island):
    library = "$/public/cs/filters.js"


class Filters(_Narrowing):
    """The chips of the present filter; its children are the face of the button that adds one."""

    tag = "Filters"


class Export(_Narrowing):
    """A link that downloads the whole list as it is narrowed, ordered and laid out."""

    tag = "Export"


class Total(_Narrowing):
    """How many there are, in one of three sentences with a gap, and their sums per currency."""

    tag = "Total"
    one: rx.Var[str]
    many: rx.Var[str]
    estimate: rx.Var[str]
