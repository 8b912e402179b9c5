"""Faces of the list's views and of how its columns are laid out."""

from typing import Any

import reflex as rx

from ui.components.island import Island


class Views(Island):
    """The tabs over the list. ``usuals``: name, title and filter of those that everybody has."""

    library = "$/public/cs/views.js"
    tag = "Views"
    usuals: rx.Var[list[Any]]
    label: rx.Var[str]


class Columns(Island):
    """The button with the list of columns; its children are its face and what stands below the list."""

    library = "$/public/cs/layout.js"
    tag = "Columns"
    label: rx.Var[str]
