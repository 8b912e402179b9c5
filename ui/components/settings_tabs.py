"""The way between the pages of the settings."""

import reflex as rx

from ui.reflex_types import el
from ui.theme import link

_PAGES = (
    ("General", "/settings"),
    ("Security", "/settings/security"),
    ("API keys", "/settings/keys"),
)


def settings_tabs(current: str) -> rx.Component:
    """Links to all of them; ``current`` is the address of this one."""
    return el.nav(
        *[
            link(title, to=to, **({"aria_current": "page"} if to == current else {}))
            for title, to in _PAGES
        ],
        aria_label="Settings",
        class_name="cs-subnav",
    )
