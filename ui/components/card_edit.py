"""Editing in place: the proposal's parameters as fields, what would become of them, and the bar that saves them."""

import reflex as rx

from ui.components.card_ledger import ledger
from ui.components.edit_state import Edit
from ui.components.island import Do
from ui.editing import EditField
from ui.reflex_types import call, cond, el, foreach, fragment, longer, match
from ui.theme import icon, kbd
from ui.view_models import CardView

OFFLINE = "Editing is paused while there is no connection"


def edit_form(c: CardView) -> rx.Component:
    """The body of the Change tab while the proposal is edited."""
    fields = el.div(foreach(Edit.fields, _field), class_name="cs-fields")
    waiting = el.div(el.span(class_name="cs-skel wide"), aria_busy="true")
    return fragment(
        el.section(
            el.h2(
                "Edit the change",
                el.span("Checked by the same rules as the draft", class_name="end"),
                class_name="cs-h",
            ),
            cond(Edit.of == c.id, fields, waiting),
            class_name="cs-sec",
        ),
        el.section(
            el.h2("What will be different with your edit", _verdict(), class_name="cs-h"),
            cond(
                longer(Edit.preview.changes, 0),
                ledger(Edit.preview.changes, "Now", "After"),
                cond(
                    Edit.preview.state == "same",
                    ledger(c.changes, "Now", "After"),
                    el.p("Nothing yet: the edit has to pass first.", class_name="t2 para"),
                ),
            ),
            class_name="cs-sec",
        ),
    )


def edit_bar(c: CardView) -> rx.Component:
    """The reason and the button that writes the revision. Mounting it begins the edit."""
    return el.form(
        el.label("Edit because", html_for="edit-reason", class_name="w5"),
        el.div(
            el.input(
                id="edit-reason",
                name="reason",
                class_name="cs-input",
                max_length=500,
                required=True,
                auto_complete="off",
                placeholder="Why it should say something else",
                aria_describedby="edit-hint",
            ),
            Do.create(
                cond(Edit.busy, el.span(icon("loader-circle", 14), class_name="busy row")),
                "Save as revision ",
                c.revision + 1,
                live=True,
                offline=OFFLINE,
                id="save-edit",
                disabled=Edit.busy | (Edit.preview.state != "passed"),
                class_name="cs-btn lg primary",
                custom_attrs={"type": "submit"},
            ),
            el.button(
                "Discard edit",
                type="button",
                id="discard-edit",
                class_name="cs-btn lg quiet",
                on_click=call(Edit.discard, c.id),
            ),
            class_name="row",
        ),
        cond(
            Edit.preview.problem != "",
            el.span(
                icon("triangle-alert", 14), Edit.preview.problem, class_name="err", role="alert"
            ),
        ),
        el.span(
            "It gets a seal of its own. What was signed so far does not count for it.",
            el.span(" ", kbd("Esc"), " puts the edit aside.", class_name="wide"),
            id="edit-hint",
            class_name="t3 s12",
        ),
        on_submit=Edit.save,
        on_mount=call(Edit.begin, c.id),
        class_name="cs-reject",
    )


def edit_risk(c: CardView) -> rx.Component:
    """The score that the edit would have, beside the present one."""
    return cond(
        (Edit.of == c.id) & (Edit.preview.risk != ""),
        el.span("with your edit ", el.b(Edit.preview.risk, class_name="w6"), class_name="end"),
    )


def _verdict() -> rx.Component:
    words = match(
        Edit.preview.state,
        ("checking", "checking…"),
        ("passed", "passes every check"),
        ("refused", "does not pass"),
        ("broken", "could not be checked"),
        "nothing is changed yet",
    )
    return el.span(words, class_name="end", id="edit-verdict", role="status")


def _field(one: EditField) -> rx.Component:
    where = "field-" + one.name
    hint = cond(
        one.text != one.drafted,
        el.span("Now: ", cond(one.drafted != "", one.drafted, "nothing"), class_name="hint"),
    )
    error = cond(
        one.error != "",
        el.span(icon("triangle-alert", 14), one.error, class_name="err", role="alert"),
    )
    return el.div(
        el.label(one.label, html_for=where),
        match(
            one.kind,
            (
                "money",
                el.div(
                    el.span(one.unit, class_name="unit t2"), _input(one, where), class_name="row"
                ),
            ),
            ("integer", _input(one, where)),
            ("enum", _select(one, where)),
            _text(one, where),
        ),
        error,
        hint,
        class_name=cond(one.kind == "text", "cs-field whole", "cs-field"),
    )


def _input(one: EditField, where: object) -> rx.Component:
    return el.input(
        id=where,
        default_value=one.text,
        on_change=call(Edit.type_in, one.name),
        input_mode="decimal",
        max_length=24,
        auto_complete="off",
        aria_invalid=one.error != "",
        class_name="cs-input amount num",
    )


def _select(one: EditField, where: object) -> rx.Component:
    return el.select(
        foreach(one.options, lambda option: el.option(option.label, value=option.value)),
        id=where,
        default_value=one.text,
        on_change=call(Edit.type_in, one.name),
        class_name="cs-input",
    )


def _text(one: EditField, where: object) -> rx.Component:
    return el.textarea(
        id=where,
        default_value=one.text,
        on_change=call(Edit.type_in, one.name),
        rows="2",
        max_length=500,
        aria_invalid=one.error != "",
        class_name="cs-input",
    )
