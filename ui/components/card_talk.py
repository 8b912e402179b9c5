"""The forms of what people say about a proposal. What is refused stays as it was typed."""

import reflex as rx

from ui.components.island import Do
from ui.components.talk_state import PersonOption, Talk
from ui.reflex_types import call, cond, el, foreach, fragment
from ui.theme import icon, kbd
from ui.view_models import CardView

OFFLINE = "This is paused while there is no connection"
LONGEST = 2000


def ask_form(c: CardView) -> rx.Component:
    """A question to the agent."""
    return _form(
        "ask",
        "Ask the agent",
        _line("text", "What would you like to know before you decide", LONGEST),
        button="Ask",
        hint="It reads the records again and answers, or revises the proposal. The time to decide goes on.",
        on_submit=call(Talk.ask, c.id),
        on_mount=Talk.begin,
    )


def undo_form(c: CardView) -> rx.Component:
    """Why what was executed is to be undone."""
    return _form(
        "undo",
        "Undo because",
        _line("reason", "What was wrong with it", 500),
        button="Propose the undo",
        hint="Nothing is changed yet: the undo is a proposal of its own, with the same signatures.",
        on_submit=call(Talk.undo, c.id),
        on_mount=Talk.begin,
    )


def delegate_form(c: CardView) -> rx.Component:
    """Somebody who signs in this person's place."""
    return _form(
        "delegate",
        "Give your signature to",
        el.select(
            el.option("Choose a person", value="", disabled=True),
            foreach(Talk.people, _person),
            name="to",
            id="reason",
            required=True,
            default_value="",
            class_name="cs-input person",
        ),
        el.input(
            name="reason",
            class_name="cs-input",
            max_length=500,
            auto_complete="off",
            placeholder="Why (optional)",
            aria_label="Why (optional)",
        ),
        button="Delegate",
        hint="You cannot sign this proposal any more. The card shows who has it.",
        on_submit=call(Talk.delegate, c.id, c.digest),
        on_mount=call(Talk.meet, c.id),
    )


def comment_form(c: CardView) -> rx.Component:
    """One line at the end of the history."""
    return el.form(
        el.div(
            el.input(
                name="text",
                id="comment",
                class_name="cs-input",
                max_length=LONGEST,
                required=True,
                auto_complete="off",
                placeholder="Say something about this proposal",
                aria_label="Comment",
                key=Talk.said,
            ),
            _submit("Comment", "send-comment", "cs-btn"),
            class_name="row",
        ),
        _problem("comment"),
        on_submit=call(Talk.comment, c.id),
        on_mount=Talk.begin,
        class_name="cs-comment",
    )


def _form(
    place: str,
    label: str,
    *controls: rx.Component,
    button: str,
    hint: str,
    on_submit: object,
    on_mount: object,
) -> rx.Component:
    return el.form(
        el.label(label, html_for="reason", class_name="w5"),
        el.div(
            *controls,
            _submit(button, "confirm", "cs-btn lg primary"),
            Do.create("Cancel", kbd("Esc"), act="mode", arg="", class_name="cs-btn lg quiet"),
            class_name="row",
        ),
        _problem(place),
        el.span(hint, id="reason-hint", class_name="t3 s12"),
        on_submit=on_submit,
        on_mount=on_mount,
        class_name="cs-reject",
    )


def _line(name: str, placeholder: str, longest: int) -> rx.Component:
    return el.input(
        id="reason",
        name=name,
        class_name="cs-input",
        max_length=longest,
        required=True,
        auto_complete="off",
        placeholder=placeholder,
        aria_describedby="reason-hint",
    )


def _submit(words: str, name: str, look: str) -> rx.Component:
    return Do.create(
        cond(Talk.busy, el.span(icon("loader-circle", 14), class_name="busy row")),
        words,
        live=True,
        offline=OFFLINE,
        disabled=Talk.busy,
        id=name,
        class_name=look,
        custom_attrs={"type": "submit"},
    )


def _problem(place: str) -> rx.Component:
    return cond(
        (Talk.place == place) & (Talk.problem != ""),
        el.span(icon("triangle-alert", 14), Talk.problem, class_name="err", role="alert"),
        fragment(),
    )


def _person(one: PersonOption) -> rx.Component:
    return el.option(one.name, value=one.id)
