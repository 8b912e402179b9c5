"""The command palette: every page, the playbooks, and what words find, from the keyboard."""

import reflex as rx

from ui.components.island import Do, Palette
from ui.components.navigation import ENTRIES
from ui.reflex_types import el
from ui.theme import icon
from ui.words import PALETTE

COMMANDS = (
    ("Change between light and dark", "#theme"),
    ("Show all keys", "#show-keys"),
    ("Log out", "#logout"),
)
"""What a button of the frame does: its words, and the button."""


def palette() -> rx.Component:
    """Opens with Ctrl K, or the field in the top bar."""
    pages = [["Go to", entry.title, entry.to] for entry in ENTRIES if not entry.demo]
    commands = [["Commands", words, button] for words, button in COMMANDS]
    field = el.div(
        icon("search"),
        el.input(
            role="combobox",
            aria_expanded="true",
            aria_controls="commands",
            aria_autocomplete="list",
            aria_label=PALETTE["title"],
            placeholder="A proposal, a page, a playbook",
            auto_complete="off",
            spell_check=False,
            auto_focus=True,
        ),
        Do.create("Esc", act="palette", arg=False, class_name="kbd"),
        class_name="in",
    )
    return Palette.create(
        field, entries=pages + commands, class_name="cs-palette", aria_label=PALETTE["title"]
    )
