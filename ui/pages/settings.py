"""Settings of the person who is signed in: profile, look and keys; and what their organization uses."""

import reflex as rx

from ui.components.appearance import density_choice, key_list, keys_switch, theme_choice
from ui.components.panel import part
from ui.components.profile_form import Profile, profile_form
from ui.components.settings_tabs import settings_tabs
from ui.components.usage_list import TierUsage, usage_list
from ui.reflex_types import el
from ui.session import Session
from ui.template import page

ROUTE = "/settings"
ON_LOAD = [Session.boot, Profile.open, TierUsage.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Settings",
        settings_tabs(ROUTE),
        el.div(
            part("Profile", "Who you are in this organization.", profile_form()),
            part(
                "Look",
                "Holds at once, here and in every browser of yours.",
                _line("Theme", "System follows your device.", theme_choice()),
                _line("Density", "How close the rows of lists lie.", density_choice()),
            ),
            part(
                "Keys",
                "One key acts without Ctrl or ⌘. Switch off what gets in your way, for instance of speech input.",
                _line("Single-key shortcuts", "", keys_switch()),
                key_list(),
            ),
            part("Usage", "What your organization uses of its tier.", usage_list()),
            class_name="cs-settings",
        ),
    )


def _line(title: str, text: str, control: rx.Component) -> rx.Component:
    return el.div(
        el.div(
            el.div(title, class_name="w5"), el.div(text, class_name="t3 s12"), class_name="what"
        ),
        control,
        class_name="line",
    )
