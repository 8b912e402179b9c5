"""The organization's own roles: what each is worth and who has it, and the form that makes or changes one."""

import reflex as rx

from ui.components.question import Question, opens, question
from ui.components.role_state import Roles
from ui.reflex_types import call, cond, el, foreach, fragment, longer
from ui.role_views import FieldGroup, Pick, RightField, RoleView
from ui.theme import icon

_DELETION = Question(
    id="delete-role",
    title=fragment("Delete ", Roles.asked.name, "?"),
    text="Nobody has this role. Its name is free again afterwards.",
    stay="Keep",
    go="Delete",
)


def role_list() -> rx.Component:
    """The panel's body with the question before a role is deleted."""
    none = el.p(
        "No role of your own yet. The five system roles suffice for most.", class_name="t3 none"
    )
    return fragment(
        cond(
            longer(Roles.view.own, 0),
            el.ul(foreach(Roles.view.own, _role), class_name="cs-roles"),
            none,
        ),
        cond(Roles.editing != "", _form(), _new()),
        question(_DELETION, Roles.delete),
    )


def _role(one: RoleView) -> rx.Component:
    return el.li(
        el.div(
            el.bdi(one.name, class_name="w5 trunc"),
            el.div(one.rights, " · held by ", one.held, class_name="t3 s12"),
            class_name="what",
        ),
        el.button(
            cond(one.locked != "", "View", "Edit"),
            el.span(" ", one.name, class_name="sr"),
            type="button",
            on_click=call(Roles.edit, one.id),
            aria_expanded=Roles.editing == one.id,
            class_name="cs-btn",
        ),
        el.button(
            icon("trash-2", 14),
            el.span("Delete the role ", one.name, class_name="sr"),
            type="button",
            disabled=(one.kept != "") | (one.locked != "") | Roles.busy,
            title=cond(one.locked != "", one.locked, cond(one.kept != "", one.kept, "Delete")),
            on_click=call(Roles.ask, one.id),
            class_name="cs-btn quiet icon",
            custom_attrs=opens(_DELETION.id),
        ),
        custom_attrs={"data-role": one.name},
    )


def _new() -> rx.Component:
    return el.footer(
        el.button(
            icon("plus", 14),
            "New role",
            type="button",
            id="new-role",
            on_click=Roles.make,
            disabled=Roles.view.locked != "",
            title=Roles.view.locked,
            class_name="cs-btn",
        )
    )


def _form() -> rx.Component:
    locked = Roles.role.locked != ""
    return el.form(
        el.fieldset(
            el.legend(cond(Roles.editing == "new", "A new role", Roles.role.name), class_name="w5"),
            _notes(),
            _name(),
            foreach(Roles.groups, _group),
            disabled=locked,
        ),
        el.footer(
            el.button("Cancel", type="button", on_click=Roles.leave, class_name="cs-btn"),
            el.button(
                cond(Roles.busy, "Saving…", "Save role"),
                type="submit",
                id="save-role",
                disabled=locked | Roles.busy,
                title=Roles.role.locked,
                class_name="cs-btn primary",
            ),
        ),
        on_submit=Roles.save,
        no_validate=True,
        key=Roles.editing,
        class_name="cs-roleform",
    )


def _notes() -> rx.Component:
    """Why it cannot be changed, who has it, and what saving would do to wildcards."""
    return fragment(
        cond(Roles.role.locked != "", el.p(Roles.role.locked, class_name="cs-note")),
        cond(Roles.holders != "", el.p("Held by ", Roles.holders, class_name="t2")),
        cond(
            Roles.role.written != "",
            el.p(
                "Written as ",
                Roles.role.written,
                ", which takes in rights that come later. Saved here, it holds what is chosen below and no more.",
                class_name="t2",
            ),
        ),
    )


def _name() -> rx.Component:
    return el.div(
        el.label("Name", html_for="role-name"),
        el.input(
            id="role-name",
            name="name",
            default_value=Roles.role.name,
            max_length=100,
            auto_complete="off",
            aria_invalid=Roles.mistake != "",
            aria_describedby="role-error",
            class_name="cs-input",
        ),
        el.div(
            cond(
                Roles.mistake != "",
                el.div(icon("triangle-alert", 14), el.span(Roles.mistake), class_name="err"),
            ),
            id="role-error",
            role="alert",
        ),
        class_name="cs-field",
    )


def _group(group: FieldGroup) -> rx.Component:
    return el.div(
        el.div(group.resource, class_name="w5", aria_hidden="true"),
        el.div(foreach(group.fields, lambda one: _field(group, one)), class_name="picks"),
        role="group",
        aria_label=group.resource,
        class_name="cs-rightgroup",
    )


def _field(group: FieldGroup, one: RightField) -> rx.Component:
    return el.label(
        el.span(one.action),
        el.select(
            foreach(one.picks, _pick),
            name=one.name,
            default_value=one.chosen,
            title=one.locked,
            aria_label=group.resource + ": " + one.action,
            class_name="cs-input",
        ),
        title=one.locked,
    )


def _pick(pick: Pick) -> rx.Component:
    return el.option(pick.label, value=pick.value, disabled=pick.off)
