"""The members of the organization: role and teams of each, and the way to end a membership."""

import reflex as rx

from ui.components import panel
from ui.components.directory_state import Directory
from ui.components.island import Time
from ui.components.question import Question, opens, question
from ui.directory_views import Choice, MemberView
from ui.reflex_types import call, cond, count, el, foreach, fragment
from ui.theme import icon

_REMOVAL = Question(
    id="remove",
    title=fragment("Remove ", Directory.asked.name, "?"),
    text="From the next click on they are nobody in this organization. What they decided stays. Their sessions and "
    "keys end and do not come back when you admit them again.",
    stay="Keep",
    go="Remove",
)


def member_list() -> rx.Component:
    """The panel's body with the question before somebody is removed."""
    listed = fragment(
        el.ul(foreach(Directory.members, _member), class_name="cs-members"),
        cond(
            Directory.more,
            el.footer(
                el.span(count(Directory.members), " of ", Directory.total, class_name="t3 num"),
                el.button(
                    "Show more", type="button", on_click=Directory.show_more, class_name="cs-btn"
                ),
            ),
        ),
        question(_REMOVAL, Directory.remove),
    )
    return cond(
        Directory.error != "",
        cond(
            Directory.forbidden,
            panel.closed("The members are not open to you", Directory.error),
            panel.broken("The members could not be read", Directory.error, Directory.load),
        ),
        cond(Directory.loaded, listed, panel.skeleton(5)),
    )


def _member(one: MemberView) -> rx.Component:
    return el.li(
        el.span(one.initials, class_name="cs-av", aria_hidden="true"),
        el.div(
            el.div(
                el.bdi(one.name, class_name="w5 trunc"),
                cond(one.you, el.span("You", class_name="cs-tag accent")),
                class_name="row",
            ),
            el.div(
                el.bdi(one.email), " · since ", Time.create(at=one.since), class_name="t3 s12 trunc"
            ),
            class_name="what",
        ),
        _teams(one),
        _role(one),
        cond(
            one.you,
            el.span(),
            el.button(
                icon("user-round-x", 14),
                el.span("Remove ", one.name, class_name="sr"),
                type="button",
                disabled=(one.kept != "") | Directory.busy,
                title=cond(one.kept != "", one.kept, "Remove"),
                on_click=call(Directory.ask, one.id),
                class_name="cs-btn quiet icon",
                custom_attrs=opens(_REMOVAL.id),
            ),
        ),
        custom_attrs={"data-member": one.email},
    )


def _role(one: MemberView) -> rx.Component:
    return el.select(
        foreach(one.roles, _option),
        key=one.role,
        default_value=one.role,
        disabled=(one.locked != "") | Directory.busy,
        title=one.locked,
        aria_label="Role of " + one.name,
        on_change=lambda role: call(Directory.give_role, one.id, role),
        class_name="cs-input role",
    )


def _option(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value, disabled=choice.off)


def _teams(one: MemberView) -> rx.Component:
    """The names of the teams; unfolded a box for each team there is."""
    return el.details(
        el.summary(
            el.span(one.teams, class_name="trunc"),
            icon("chevron-down", 12),
            aria_label="Teams of " + one.name + ": " + one.teams,
        ),
        el.fieldset(
            el.legend("Teams of ", one.name, class_name="sr"),
            foreach(one.places, lambda place: _place(one, place)),
            disabled=(one.locked != "") | Directory.busy,
            title=one.locked,
        ),
        class_name="cs-places",
        custom_attrs={"name": "teams"},
    )


def _place(one: MemberView, place: Choice) -> rx.Component:
    return el.label(
        el.input(
            type="checkbox",
            checked=place.chosen,
            on_change=call(Directory.toggle_team, one.id, place.value),
        ),
        el.span(place.label, class_name="trunc"),
        class_name="it",
    )
