"""Playbooks: what the agents of this organization do, and the button that runs one."""

import reflex as rx

from ui.components.launch import Launch, PlaybookView
from ui.components.shell import mark
from ui.components.triggers import Triggers, trigger_list
from ui.reflex_types import call, cond, el, foreach, fragment, longer, negate
from ui.session import Session
from ui.template import page
from ui.theme import icon

ROUTE = "/playbooks"
ON_LOAD = [Session.boot, Launch.load, Triggers.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Playbooks",
        cond(
            Launch.error != "",
            _note(icon("triangle-alert", 20), "The playbooks could not be loaded", Launch.error),
            cond(
                negate(Launch.loaded),
                _skeleton(),
                cond(
                    longer(Launch.playbooks, 0),
                    el.div(foreach(Launch.playbooks, _playbook), class_name="cs-tiles"),
                    _note(mark(), "No playbooks yet", "An admin of this organization can add one."),
                ),
            ),
        ),
    )


def _playbook(p: PlaybookView) -> rx.Component:
    actions = foreach(p.actions, lambda action: el.span(action, class_name="mono"))
    pairs = (
        _pair("Driven by", p.model),
        _pair("May propose", actions),
        _pair("Signed by", el.ul(foreach(p.approval, el.li), class_name="plain")),
        _pair("Starts", trigger_list(p.id)),
    )
    return el.article(
        el.header(el.h2(p.name), el.span(p.version, class_name="cs-tag")),
        el.p(p.goal, class_name="t2"),
        el.dl(*pairs, class_name="cs-kv"),
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
            cond(
                p.can_run,
                fragment(),
                el.span(icon("lock", 14), p.cannot_run_reason, class_name="row t2 s12"),
            ),
        ),
        class_name="cs-panel tile",
    )


def _pair(label: str, value: object) -> rx.Component:
    return fragment(el.dt(label), el.dd(value))


def _note(mark: rx.Component, title: str, text: object) -> rx.Component:
    return el.div(mark, el.h2(title), el.p(text), class_name="cs-empty fill", role="status")


def _skeleton() -> rx.Component:
    bars = [el.span(class_name="cs-skel wide") for _ in range(4)]
    return el.div(
        el.div(*bars, class_name="cs-panel tile"),
        class_name="cs-tiles",
        aria_busy="true",
        aria_label="Loading",
    )
