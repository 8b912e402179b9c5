"""The list of API keys with its questions, the form of a new one, and the secret that is shown once."""

import reflex as rx

from ui.components import panel
from ui.components.island import Do, Time
from ui.components.own_key_state import OwnKeys
from ui.components.question import Question, opens, question
from ui.directory_views import Choice
from ui.own_key_views import LASTS, Group, KeyView
from ui.reflex_types import call, cond, el, foreach, fragment, longer
from ui.theme import icon

_ROTATION = Question(
    id="rotate-key",
    title=fragment("Rotate ", OwnKeys.asked.name, "?"),
    text="The key gets another secret, which is shown once. Whoever uses the present one is refused from that moment.",
    stay="Keep the secret",
    go="Rotate",
)
_END = Question(
    id="revoke-key",
    title=fragment("Revoke ", OwnKeys.asked.name, "?"),
    text="Its next request is refused. A revoked key does not come back.",
    stay="Keep the key",
    go="Revoke",
)


def key_list() -> rx.Component:
    """The panel's body: first a secret that was just made, then the keys."""
    listed = fragment(
        cond(OwnKeys.secret != "", _secret()),
        cond(
            longer(OwnKeys.all, 0),
            el.ul(foreach(OwnKeys.all, _key), class_name="cs-ownkeys"),
            el.div(
                icon("key-round", 20),
                el.h3("No keys yet"),
                el.p("A program with a key of yours acts in your name, as far as you let it."),
                class_name="cs-empty",
            ),
        ),
        question(_ROTATION, OwnKeys.rotate),
        question(_END, OwnKeys.revoke),
    )
    return cond(
        OwnKeys.error != "",
        cond(
            OwnKeys.forbidden,
            panel.closed("API keys are not open to you", OwnKeys.error),
            panel.broken("The keys could not be read", OwnKeys.error, OwnKeys.load),
        ),
        cond(OwnKeys.loaded, listed, panel.skeleton(3)),
    )


def _secret() -> rx.Component:
    return el.div(
        el.h3("Copy the key ", OwnKeys.secret_of, " now"),
        el.p("It is shown this once. Keep it as you keep a password.", class_name="t2"),
        el.div(
            el.code(OwnKeys.secret, id="new-key", tab_index=-1, class_name="mono"),
            Do.create(
                icon("copy", 14), "Copy", act="copy", arg=OwnKeys.secret, class_name="cs-btn"
            ),
            el.button(
                "I have it",
                type="button",
                id="key-kept",
                on_click=OwnKeys.forget,
                class_name="cs-btn primary",
            ),
            class_name="row",
        ),
        role="status",
        class_name="cs-shown",
    )


def _key(one: KeyView) -> rx.Component:
    return el.li(
        el.div(
            el.div(
                el.bdi(one.name, class_name="w5 trunc"),
                cond(one.expired, el.span("Expired", class_name="cs-tag amber")),
                class_name="row",
            ),
            el.div(
                el.code(one.prefix, class_name="mono"),
                " · made by ",
                el.bdi(one.by),
                " ",
                Time.create(at=one.created_at),
                class_name="t3 s12",
            ),
            el.details(
                el.summary(one.summary, icon("chevron-down", 12)),
                el.ul(foreach(one.permissions, _line)),
                class_name="s12 t2",
            ),
            class_name="what",
        ),
        el.div(
            cond(one.used_at != "", el.div("Used ", Time.create(at=one.used_at)), "Never used"),
            cond(
                one.ends != "",
                el.div("Ends on ", one.ends, class_name="t3"),
                el.div("Does not end by itself", class_name="t3"),
            ),
            class_name="when s12 num",
        ),
        _ask(one, "Rotate", one.unturned, _ROTATION, "cs-btn end"),
        _ask(one, "Revoke", one.kept, _END, "cs-btn danger end"),
        custom_attrs={"data-key": one.name},
    )


def _line(words: str) -> rx.Component:
    return el.li(words)


def _ask(one: KeyView, word: str, locked: object, asked: Question, class_name: str) -> rx.Component:
    return el.button(
        word,
        el.span(" ", one.name, class_name="sr"),
        type="button",
        disabled=(locked != "") | OwnKeys.busy,
        title=locked,
        on_click=call(OwnKeys.ask, one.id),
        class_name=class_name,
        custom_attrs=opens(asked.id),
    )


def new_key() -> rx.Component:
    """The form: a name, what the key may do of what one may oneself, how far, and how long."""
    form = el.form(
        el.fieldset(
            _field(
                "key-name",
                "Name",
                el.input(
                    id="key-name",
                    name="name",
                    max_length=100,
                    auto_complete="off",
                    placeholder="What will use it",
                    class_name="cs-input",
                ),
            ),
            el.div(foreach(OwnKeys.groups, _group), class_name="cs-scopes"),
            el.div(
                _field(
                    "key-reach",
                    "How far it reaches",
                    el.select(
                        foreach(OwnKeys.reaches, _option),
                        id="key-reach",
                        name="reach",
                        class_name="cs-input",
                    ),
                ),
                _field(
                    "key-lasts",
                    "How long it lasts",
                    el.select(
                        *[el.option(words, value=days) for days, words in LASTS],
                        id="key-lasts",
                        name="lasts",
                        default_value="90",
                        class_name="cs-input",
                    ),
                ),
                class_name="cs-pairs",
            ),
            disabled=(OwnKeys.locked != "") | OwnKeys.busy,
            title=OwnKeys.locked,
        ),
        el.div(
            cond(
                OwnKeys.mistake != "",
                el.div(icon("triangle-alert", 14), OwnKeys.mistake, class_name="err"),
            ),
            id="key-mistake",
            tab_index=-1,
            role="alert",
            class_name="cs-field",
        ),
        el.footer(
            el.button(
                cond(OwnKeys.busy, "Making…", "Make key"),
                type="submit",
                id="make-key",
                disabled=(OwnKeys.locked != "") | OwnKeys.busy,
                title=OwnKeys.locked,
                class_name="cs-btn primary",
            )
        ),
        key=OwnKeys.made,
        on_submit=OwnKeys.make,
        no_validate=True,
    )
    return cond(OwnKeys.loaded, form, cond(OwnKeys.error != "", fragment(), panel.skeleton(5)))


def _group(group: Group) -> rx.Component:
    return el.fieldset(
        el.legend(group.label),
        foreach(group.choices, _scope),
    )


def _scope(choice: Choice) -> rx.Component:
    return el.label(el.input(type="checkbox", name=choice.value), choice.label, class_name="it")


def _option(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value)


def _field(field_id: str, label: str, control: rx.Component) -> rx.Component:
    return el.div(el.label(label, html_for=field_id), control, class_name="cs-field")
