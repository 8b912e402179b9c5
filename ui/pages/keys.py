"""The API keys of the organization, as far as the person may see them."""

import reflex as rx

from ui.components.own_key_state import OwnKeys
from ui.components.own_keys import key_list, new_key
from ui.components.panel import part
from ui.components.settings_tabs import settings_tabs
from ui.reflex_types import el
from ui.session import Session
from ui.template import page

ROUTE = "/settings/keys"
ON_LOAD = [Session.boot, OwnKeys.open]


def content() -> rx.Component:
    """The page."""
    return page(
        "Settings",
        settings_tabs(ROUTE),
        el.div(
            part(
                "API keys",
                "Programs use them instead of your password. A key can never do more than who made it can at that "
                "moment.",
                key_list(),
            ),
            part(
                "New key",
                "Give it no more than its program needs. You see only permissions that you have yourself.",
                new_key(),
            ),
            class_name="cs-settings",
        ),
    )
