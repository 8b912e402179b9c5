"""``/``: sends people on to the matrix."""

import reflex as rx

from ui.template import waiting

ROUTE = "/"
ON_LOAD = [rx.redirect("/proposals", replace=True)]


def content() -> rx.Component:
    """Nothing but the empty frame, for the moment before the redirect."""
    return waiting()
