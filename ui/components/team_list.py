"""The teams of the organization as a tree of lines: name, place and role of each, and a line for a new one."""

import reflex as rx

from ui.components import panel
from ui.components.directory_state import Directory
from ui.directory_views import Choice, TeamView
from ui.reflex_types import call, cond, el, foreach, fragment
from ui.theme import icon, inline


def team_list() -> rx.Component:
    """The panel's body; says nothing of its own while the members cannot be read."""
    shown = fragment(
        el.ul(foreach(Directory.teams, _team), class_name="cs-teams"),
        el.form(
            el.label("New team", html_for="new-team", class_name="sr"),
            el.input(
                id="new-team",
                name="name",
                required=True,
                max_length=100,
                placeholder="Name of a new team",
                auto_complete="off",
                disabled=Directory.locked != "",
                class_name="cs-input",
            ),
            el.button(
                icon("plus", 14),
                "Make",
                type="submit",
                disabled=(Directory.locked != "") | Directory.busy,
                title=Directory.locked,
                class_name="cs-btn",
            ),
            on_submit=Directory.make_team,
            reset_on_submit=True,
            class_name="cs-newteam",
        ),
    )
    return cond(Directory.loaded, shown, cond(Directory.error != "", fragment(), panel.skeleton(2)))


def _team(one: TeamView) -> rx.Component:
    locked = Directory.locked != ""
    return el.li(
        el.input(
            key="name " + one.name,
            default_value=one.name,
            disabled=locked,
            title=Directory.locked,
            aria_label="Name of the team " + one.name,
            on_blur=lambda name: call(Directory.keep_team, one.id, name, one.parent),
            class_name="cs-input name",
        ),
        el.span(one.members, class_name="t3 num"),
        el.select(
            foreach(one.parents, _parent),
            key="place " + one.parent,
            default_value=one.parent,
            disabled=locked | Directory.busy,
            title=Directory.locked,
            aria_label="Where the team " + one.name + " lies",
            on_change=lambda parent: call(Directory.keep_team, one.id, one.name, parent),
            class_name="cs-input place",
        ),
        el.select(
            foreach(one.roles, _role),
            key="role " + one.role,
            default_value=one.role,
            disabled=locked | (one.kept != "") | Directory.busy,
            title=cond(locked, Directory.locked, one.kept),
            aria_label="Role of the members of " + one.name + " within the team",
            on_change=lambda role: call(Directory.give_team_role, one.id, role),
            class_name="cs-input role",
        ),
        el.button(
            icon("trash-2", 14),
            el.span("Delete the team ", one.name, class_name="sr"),
            type="button",
            disabled=locked | Directory.busy,
            title=cond(locked, Directory.locked, "Delete"),
            on_click=call(Directory.delete_team, one.id),
            class_name="cs-btn quiet icon",
        ),
        custom_attrs={"data-team": one.name, **inline(paddingInlineStart=one.indent)},
    )


def _role(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value, disabled=choice.off)


def _parent(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value)
