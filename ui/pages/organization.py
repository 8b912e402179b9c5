"""The organization: its name and what else is said of it, what it uses of its tier, and the way out."""

import reflex as rx

from ui.components import panel
from ui.components.organization_state import Home
from ui.components.panel import part
from ui.components.question import Question, opens, question
from ui.components.usage_list import TierUsage, usage_list
from ui.reflex_types import cond, el, fragment
from ui.session import Session
from ui.template import page
from ui.theme import icon

ROUTE = "/organization"
ON_LOAD = [Session.boot, Home.load, TierUsage.load]
_LEAVING = Question(
    id="leave-question",
    title=fragment("Leave ", Session.me.organization.name, "?"),
    text="From the next click on you are nobody in this organization, and your keys for it end. What you decided stays."
    " Only somebody here can invite you again.",
    stay="Stay",
    go="Leave",
)


def content() -> rx.Component:
    """The page."""
    return page(
        "Organization",
        el.div(
            part("Organization", "What is said of it. Its slug never changes.", _about()),
            part("Usage", "Members and open invitations count as people.", usage_list()),
            part("Leave", "You alone; everybody else stays.", _leave()),
            class_name="cs-settings",
        ),
    )


def _about() -> rx.Component:
    return cond(
        Home.error != "",
        cond(
            Home.forbidden,
            panel.closed("This is not open to you", Home.error),
            panel.broken("The organization could not be read", Home.error, Home.load),
        ),
        cond(Home.loaded, _form(), panel.skeleton(4)),
    )


def _form() -> rx.Component:
    field = el.div(
        el.label("Name", html_for="name"),
        el.input(
            id="name",
            name="name",
            default_value=Home.name,
            disabled=Home.locked != "",
            title=Home.locked,
            auto_complete="organization",
            max_length=100,
            aria_invalid=Home.mistake != "",
            aria_describedby="name-error",
            class_name="cs-input",
        ),
        el.div(
            cond(
                Home.mistake != "",
                el.div(icon("triangle-alert", 14), el.span(Home.mistake), class_name="err"),
            ),
            id="name-error",
            role="alert",
        ),
        class_name="cs-field",
    )
    facts = el.dl(
        _fact("Slug", el.code(Home.slug)),
        _fact("Status", Home.status),
        _fact("Tier", Home.tier),
        _fact("Data lie in", Home.residency),
        _fact("Since", Home.since),
        class_name="cs-kv",
    )
    save = el.button(
        cond(Home.busy, "Saving…", "Save name"),
        type="submit",
        id="save-name",
        disabled=Home.busy | (Home.locked != ""),
        title=Home.locked,
        class_name="cs-btn primary",
    )
    return el.form(
        field, facts, el.footer(save), on_submit=Home.rename, no_validate=True, key=Home.slug
    )


def _leave() -> rx.Component:
    return fragment(
        el.div(
            el.div(
                el.div("Leave this organization", class_name="w5"),
                el.div("The last admin cannot leave.", class_name="t3 s12"),
                class_name="what",
            ),
            el.button(
                "Leave…",
                type="button",
                id="leave-open",
                disabled=Home.busy,
                class_name="cs-btn danger",
                custom_attrs=opens(_LEAVING.id),
            ),
            class_name="line",
        ),
        question(_LEAVING, Home.leave),
    )


def _fact(label: str, value: object) -> rx.Component:
    return el.div(el.dt(label), el.dd(value), class_name="pair")
