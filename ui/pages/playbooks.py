"""Playbooks: what the agents of this organization do, and the button that runs one."""

import reflex as rx

from ui.components.blank import forbidden, note
from ui.components.launch import Launch, PlaybookView
from ui.components.shell import mark
from ui.components.triggers import Triggers, trigger_list
from ui.reflex_types import call, cond, el, foreach, fragment, longer, negate
from ui.session import Session
from ui.template import page
from ui.theme import icon, link

ROUTE = "/playbooks"
ON_LOAD = [Session.boot, Launch.load, Triggers.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Playbooks",
        cond(
            Launch.forbidden,
            forbidden("Playbooks are not open to you", Launch.error),
            cond(
                Launch.error != "",
                note(
                    icon("triangle-alert", 20),
                    "The playbooks could not be loaded",
                    Launch.error,
                    el.button("Try again", on_click=Launch.load, class_name="cs-btn"),
                ),
                cond(
                    negate(Launch.loaded),
                    _skeleton(),
                    cond(
                        longer(Launch.playbooks, 0),
                        el.div(foreach(Launch.playbooks, _playbook), class_name="cs-tiles"),
                        note(
                            mark(), "No playbooks yet", "An admin of this organization can add one."
                        ),
                    ),
                ),
            ),
        ),
    )


def _playbook(p: PlaybookView) -> rx.Component:
    actions = el.ul(foreach(p.actions, _action), class_name="plain")
    runs = link("Its runs", to="/runs?playbook=" + p.id, class_name="cs-btn")
    return el.article(
        el.header(
            el.span(icon("book-open"), class_name="cs-av sq lg"),
            el.div(
                el.h2(p.name),
                el.div(p.version, ", driven by ", p.model, class_name="t3 s12"),
            ),
        ),
        el.p(p.goal, class_name="t2 goal"),
        _part("fingerprint", "May propose", actions),
        _part("user-round-check", "Policy", el.ul(foreach(p.approval, el.li), class_name="plain")),
        cond(
            longer(p.limits, 0),
            _part(
                "list-filter",
                "Can be limited by",
                el.ul(foreach(p.limits, el.li), class_name="plain"),
            ),
        ),
        _part("clock", "Starts", trigger_list(p.id)),
        el.footer(
            el.button(
                cond(
                    Launch.busy == p.id,
                    el.span(icon("loader-circle", 14), class_name="busy row"),
                    icon("play", 14),
                ),
                "Run playbook",
                on_click=call(Launch.run, p.id),
                disabled=negate(p.can_run) | (Launch.busy != ""),
                class_name="cs-btn primary",
                custom_attrs={"data-playbook": p.slug},
            ),
            runs,
            cond(
                p.can_run,
                fragment(),
                el.span(icon("lock", 14), p.cannot_run_reason, class_name="row t2 s12"),
            ),
        ),
        class_name="cs-panel tile",
    )


def _part(mark: str, title: str, body: rx.Component) -> rx.Component:
    return el.section(el.h3(icon(mark, 14), title, class_name="t3 s12 row"), body)


def _action(name: str) -> rx.Component:
    return el.li(name, class_name="mono")


def _skeleton() -> rx.Component:
    bars = [el.span(class_name="cs-skel wide") for _ in range(4)]
    return el.div(
        el.div(*bars, class_name="cs-panel tile"),
        class_name="cs-tiles",
        aria_busy="true",
        aria_label="Loading",
    )
