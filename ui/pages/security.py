"""One's own security: password, second factor, and where one is signed in."""

import reflex as rx

from ui.components.panel import part
from ui.components.security_forms import password_form, second_factor
from ui.components.security_state import Security
from ui.components.session_list import Sessions, session_list
from ui.components.settings_tabs import settings_tabs
from ui.reflex_types import el
from ui.session import Session
from ui.template import page

ROUTE = "/settings/security"
ON_LOAD = [Session.boot, Security.open, Sessions.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Settings",
        settings_tabs(ROUTE),
        el.div(
            part("Password", "What you sign in with.", password_form()),
            part(
                "Second factor",
                "A code of an app on your phone, beside the password.",
                second_factor(),
            ),
            part("Sessions", "Where you are signed in.", session_list()),
            class_name="cs-settings",
        ),
    )
