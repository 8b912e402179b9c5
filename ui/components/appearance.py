"""Theme, density and single keys: what is pressed holds at once, on this and every other browser of the person."""

import reflex as rx
from reflex.event import EventSpec

from ui.preferences import Preferences
from ui.reflex_types import call, cond, el
from ui.settings_views import KEYS, switched
from ui.theme import icon

THEMES = (("system", "System", "monitor"), ("light", "Light", "sun"), ("dark", "Dark", "moon"))
DENSITIES = (("compact", "Compact", "rows-4"), ("comfortable", "Comfortable", "rows-3"))


class Shortcuts(rx.State):
    """The switches of the keys."""

    @rx.event
    async def switch(self, key: str) -> EventSpec:
        """One key, or ``all``, on or off."""
        kept = await self.get_state(Preferences)
        return call(Preferences.choose, "quiet", switched(kept.quiet, key))


def theme_choice() -> rx.Component:
    """System, light or dark."""
    return _choice("theme", "Theme", THEMES, Preferences.theme)


def density_choice() -> rx.Component:
    """How close the rows of lists lie."""
    return _choice("density", "Density", DENSITIES, Preferences.density)


def _choice(
    what: str, title: str, ways: tuple[tuple[str, str, str], ...], chosen: object
) -> rx.Component:
    return el.div(
        *[
            el.button(
                icon(look, 14),
                word,
                type="button",
                on_click=call(Preferences.choose, what, value),
                aria_pressed=cond(chosen == value, "true", "false"),
                disabled=chosen == "",
                custom_attrs={"data-choice": f"{what}-{value}"},
            )
            for value, word, look in ways
        ],
        class_name="cs-seg",
        role="group",
        aria_label=title,
    )


def keys_switch() -> rx.Component:
    """All single keys at once."""
    off = Preferences.quiet != ""
    return el.button(
        el.span(class_name=cond(off, "cs-switch", "cs-switch on"), aria_hidden="true"),
        el.span(cond(off, "Some or all are off", "All are on"), aria_hidden="true"),
        type="button",
        id="all-keys",
        role="switch",
        aria_checked=cond(off, "false", "true"),
        custom_attrs={"aria-label": "Single-key shortcuts"},
        disabled=Preferences.density == "",
        on_click=call(Shortcuts.switch, "all"),
        class_name="cs-switchline",
    )


def key_list() -> rx.Component:
    """Each key by itself."""
    return el.ul(*[_key(key, what) for key, what in KEYS], class_name="cs-keylist")


def _key(key: str, what: str) -> rx.Component:
    off = rx.Var.create(Preferences.quiet).contains(key)
    return el.li(
        el.button(
            el.span(key.upper(), class_name="kbd"),
            el.span(what),
            el.span(cond(off, "off", "on"), class_name="t3 s12", aria_hidden="true"),
            type="button",
            aria_pressed=cond(off, "false", "true"),
            disabled=Preferences.density == "",
            on_click=call(Shortcuts.switch, key),
            custom_attrs={"data-key": key},
        )
    )
