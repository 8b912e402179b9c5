"""The inbox: what waits for me, my teams and others, and what was decided. The card is the address."""

import reflex as rx

from ui.components.island import Box, Do, Inbox, Unless, Value, When
from ui.components.shell import mark
from ui.pages.proposals import Card, sheet
from ui.reflex_types import el, fragment
from ui.session import Session
from ui.template import page
from ui.theme import icon, link

ROUTE = "/inbox/[[pid]]"
ON_LOAD = [Session.boot, Card.sync]
BOXES = (
    (
        "mine",
        "Mine",
        "Nothing waits for you",
        "What needs your signature appears here by itself.",
        ("See what waits for your teams", "/inbox?box=team"),
    ),
    (
        "team",
        "Team",
        "Nothing waits for your teams",
        "Proposals that somebody else of your teams can sign appear here.",
        ("See everything in the matrix", "/proposals"),
    ),
    (
        "waiting",
        "Waiting on others",
        "You wait for nobody",
        "What you asked for or have signed, and others still have to sign, appears here.",
        ("See what was decided", "/inbox?box=decided"),
    ),
    (
        "decided",
        "Decided",
        "Nothing was decided yet",
        "What you decide or asked for is kept here, with its outcome.",
        ("See what waits for you", "/inbox?box=mine"),
    ),
)
"""The boxes in their order: the API's name, title, and what an empty one says with its way on."""


def content() -> rx.Component:
    """The page."""
    rows = el.div(Inbox.create(more="Show more"), _fresh(), *_states(), class_name="cs-list")
    return page(
        "Inbox",
        el.div(
            el.div(_boxes(), rows, class_name="side"),
            sheet(ROUTE, pane=True),
            class_name="cs-inbox",
        ),
    )


def _boxes() -> rx.Component:
    return el.div(
        *[Box.create(title, name=name) for name, title, *_ in BOXES],
        class_name="cs-views",
        role="tablist",
        aria_label="Boxes",
    )


def _fresh() -> rx.Component:
    button = Do.create(
        icon("arrow-up", 14),
        el.span("Show ", Value.create(of="fresh"), " new"),
        act="showNew",
        id="show-new",
        class_name="cs-btn accent",
    )
    return Unless.create(button, of="fresh", equals="0")


def _states() -> tuple[rx.Component, ...]:
    again = Do.create("Try again", act="retry", class_name="cs-btn")
    reference = Unless.create(
        " Reference ",
        el.span(Value.create(of="reference"), class_name="mono"),
        of="reference",
        equals="",
    )
    problem = fragment(Value.create(of="problem"), reference)
    return (
        When.create(_skeleton(), of="rows", equals="loading"),
        When.create(*[_empty(*box) for box in BOXES], of="rows", equals="filtered"),
        When.create(
            _note(icon("triangle-alert", 20), "The inbox could not be loaded", problem, again),
            of="rows",
            equals="broken",
        ),
        When.create(
            _note(
                icon("lock", 20),
                "Proposals are not open to you",
                fragment(
                    Value.create(of="problem"), " An admin of your organization can change that."
                ),
            ),
            of="rows",
            equals="forbidden",
        ),
    )


def _empty(name: str, _: str, title: str, text: str, way: tuple[str, str]) -> rx.Component:
    words, to = way
    note = _note(mark(), title, text, link(words, to=to, class_name="cs-btn"))
    return When.create(note, of="box", equals=name)


def _note(sign: rx.Component, title: str, text: object, *ways: rx.Component) -> rx.Component:
    return el.div(
        sign,
        el.h2(title),
        el.p(text),
        el.div(*ways, class_name="row") if ways else fragment(),
        class_name="cs-empty over",
        role="status",
    )


def _skeleton() -> rx.Component:
    row = el.div(
        el.span(class_name="cs-skel dot"),
        el.span(class_name="cs-skel say"),
        el.span(class_name="cs-skel due"),
        el.span(class_name="cs-skel why"),
        class_name="cs-in",
    )
    return el.div(*[row] * 7, class_name="cs-inwait", aria_busy="true", aria_label="Loading")
