"""The question before something that cannot be taken back: a dialog that a button opens by its id."""

from dataclasses import dataclass

import reflex as rx

from ui.reflex_types import el


@dataclass(frozen=True)
class Question:
    """``id`` is the dialog's; ``stay`` and ``go`` are the words on its two buttons."""

    id: str
    title: object
    text: str
    stay: str
    go: str


def question(asked: Question, on_go: object) -> rx.Component:
    """The dialog; ``{id}-now`` is the button that does it."""
    away = {"commandfor": asked.id, "command": "close"}
    return el.dialog(
        el.div(
            el.h2(asked.title, id=f"{asked.id}-title"),
            el.p(asked.text, class_name="t2"),
        ),
        el.footer(
            el.button(asked.stay, type="button", class_name="cs-btn", custom_attrs=away),
            el.button(
                asked.go,
                type="button",
                id=f"{asked.id}-now",
                on_click=on_go,
                class_name="cs-btn danger solid",
                custom_attrs=away,
            ),
        ),
        id=asked.id,
        class_name="cs-dialog",
        aria_labelledby=f"{asked.id}-title",
    )


def opens(question_id: str) -> dict[str, str]:
    """Attributes of the button that asks."""
    return {"commandfor": question_id, "command": "show-modal"}
