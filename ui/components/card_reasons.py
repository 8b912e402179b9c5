"""The form that asks for a reason in the decision bar: to reject, to withdraw, to say what happened."""

from dataclasses import dataclass

import reflex as rx

from ui.components.island import Do, Reason, When
from ui.reflex_types import el
from ui.theme import icon, kbd


@dataclass(frozen=True)
class Ask:
    """One question: its words, and the act that is sent with the reason."""

    label: str
    button: str
    placeholder: str
    hint: object
    arg: dict[str, object]


def reason_form(ask: Ask) -> rx.Component:
    """The form; only one is shown at a time."""
    return Reason.create(
        el.label(ask.label, html_for="reason", class_name="w5"),
        el.div(
            el.input(
                id="reason",
                name="reason",
                class_name="cs-input",
                max_length=500,
                required=True,
                auto_complete="off",
                placeholder=ask.placeholder,
                aria_describedby="reason-hint",
            ),
            el.button(
                ask.button,
                el.span("↵", class_name="kbd"),
                type="submit",
                id="confirm",
                class_name="cs-btn lg danger",
            ),
            Do.create("Cancel", kbd("Esc"), act="mode", arg="", class_name="cs-btn lg quiet"),
            class_name="row",
        ),
        When.create(
            el.span(
                icon("triangle-alert", 14),
                "Say why. The reason is kept with the proposal.",
                class_name="err",
                role="alert",
            ),
            of="mistake",
            equals="reason",
        ),
        el.span(ask.hint, id="reason-hint", class_name="t3 s12"),
        arg=ask.arg,
        class_name="cs-reject",
    )
