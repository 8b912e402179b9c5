"""Playbooks: what the agents of this organization do, and the button that runs one."""

import reflex as rx

from ui.components.launch import Launch, PlaybookView
from ui.components.shell import mark
from ui.session import Session
from ui.template import page
from ui.theme import icon

ROUTE = "/playbooks"
ON_LOAD = [Session.boot, Launch.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Playbooks",
        rx.cond(
            Launch.error != "",
            _note(icon("triangle-alert", 20), "The playbooks could not be loaded", Launch.error),
            rx.cond(
                ~Launch.loaded,
                _skeleton(),
                rx.cond(
                    Launch.playbooks.length() > 0,
                    rx.el.div(rx.foreach(Launch.playbooks, _playbook), class_name="cs-tiles"),
                    _note(mark(), "No playbooks yet", "An admin of this organization can add one."),
                ),
            ),
        ),
    )


def _playbook(p: PlaybookView) -> rx.Component:
    facts = (("Driven by", p.model), ("May propose", p.actions), ("Two signatures above", p.two_above))
    pairs = [rx.cond(value != "", rx.fragment(rx.el.dt(label), rx.el.dd(value)), rx.fragment()) for label, value in facts]
    return rx.el.article(
        rx.el.header(rx.el.h2(p.name), rx.el.span(p.version, class_name="cs-tag")),
        rx.el.p(p.goal, class_name="t2"),
        rx.el.dl(*pairs, class_name="cs-kv"),
        rx.el.footer(
            rx.el.button(
                rx.cond(Launch.busy == p.id, rx.el.span(icon("loader-circle", 14), class_name="busy row"), icon("play", 14)),
                "Run playbook",
                on_click=Launch.run(p.id),
                disabled=(~p.can_run) | (Launch.busy != ""),
                class_name="cs-btn primary",
                custom_attrs={"data-playbook": p.slug},
            ),
            rx.cond(p.can_run, rx.fragment(), rx.el.span(icon("lock", 14), p.cannot_run_reason, class_name="row t2 s12")),
        ),
        class_name="cs-panel tile",
    )


def _note(mark: rx.Component, title: str, text: object) -> rx.Component:
    return rx.el.div(mark, rx.el.h2(title), rx.el.p(text), class_name="cs-empty fill", role="status")


def _skeleton() -> rx.Component:
    bars = [rx.el.span(class_name="cs-skel wide") for _ in range(4)]
    return rx.el.div(rx.el.div(*bars, class_name="cs-panel tile"), class_name="cs-tiles", aria_busy="true", aria_label="Loading")
