"""The logic card: statement, seal line, tabs and rail. The decision bar is in ``card_decision``."""

import reflex as rx

from ui.components import card_rail, card_reasoning, card_tabs
from ui.components.card_decision import decision_bar
from ui.components.card_lines import seal_line
from ui.components.edit_state import Edit
from ui.components.island import Do, Place, Tab, TabList, TabPanel, Tabs, Time, Unless, When
from ui.formats import Piece
from ui.reflex_types import cond, count, el, foreach, fragment, longer, match
from ui.theme import icon
from ui.view_models import CardView


def card(c: CardView) -> rx.Component:
    """Everything inside the sheet for one proposal."""
    return fragment(
        _meta(c),
        el.div(
            el.h1(
                Unless.create(_pieces(c.pieces, c), of="mode", equals="edit"),
                When.create(_edited(c), of="mode", equals="edit"),
                id="say",
                tab_index=-1,
            ),
            class_name="cs-statement",
        ),
        seal_line(c),
        Tabs.create(
            TabList.create(
                *[_tab(name, title, count) for name, title, count in _tabs(c)],
                class_name="cs-tabs",
                aria_label="Card",
            ),
            el.div(
                el.div(
                    *[
                        TabPanel.create(body, value=name, class_name="main")
                        for name, body in _panels(c)
                    ],
                    class_name="panels",
                ),
                card_rail.rail(c),
                class_name="cs-cols",
            ),
            default_value="change",
            class_name="cs-tabroot",
            key=c.id,
        ),
        decision_bar(c),
    )


def missing() -> rx.Component:
    """Shown where the address names no proposal of this organization."""
    return el.div(
        icon("file-question", 20),
        el.h1("There is no such proposal", id="say", tab_index=-1),
        el.p("It may belong to another organization, or the link is incomplete."),
        el.div(Do.create("Back to the matrix", act="close", class_name="cs-btn"), class_name="row"),
        class_name="cs-empty fill",
    )


def broken(detail: str, retry: object) -> rx.Component:
    """Shown where the card could not be loaded."""
    return el.div(
        icon("triangle-alert", 20),
        el.h1("The card could not be loaded", id="say", tab_index=-1),
        el.p(detail),
        el.div(
            el.button("Try again", on_click=retry, class_name="cs-btn primary"),
            Do.create("Back to the matrix", act="close", class_name="cs-btn"),
            class_name="row",
        ),
        class_name="cs-empty fill",
    )


def forbidden(detail: str) -> rx.Component:
    """Shown to who may not read proposals."""
    return el.div(
        icon("lock", 20),
        el.h1("Proposals are not open to you", id="say", tab_index=-1),
        el.p(detail, " An admin of your organization can change that."),
        el.div(Do.create("Back to the matrix", act="close", class_name="cs-btn"), class_name="row"),
        class_name="cs-empty fill",
    )


def _meta(c: CardView) -> rx.Component:
    close = {"class_name": "cs-btn quiet icon", "title": "Close (Esc)", "aria_label": "Close"}
    return el.div(
        Do.create(
            icon("arrow-left"),
            act="close",
            id="back",
            aria_label="Back to the list",
            class_name="cs-btn quiet icon narrow",
        ),
        Place.create(word="{} of {}", id=c.id, class_name="t2 num narrow"),
        el.span(c.short_id, class_name="mono", title=c.id),
        el.span("·", aria_hidden="true", class_name="wide"),
        el.span(c.playbook, class_name="trunc"),
        el.span("·", aria_hidden="true", class_name="wide"),
        el.span("proposed ", Time.create(at=c.created_at), class_name="wide nowrap"),
        el.span(class_name="grow"),
        Do.create(
            icon("link"),
            act="copyLink",
            aria_label="Copy link",
            title="Copy link",
            class_name="cs-btn quiet icon wide",
        ),
        Do.create(icon("x"), act="close", id="close", **close),
        class_name="bar",
    )


def _edited(c: CardView) -> rx.Component:
    """The statement of the edit, once it passes."""
    passes = (Edit.of == c.id) & longer(Edit.statement, 0)
    return cond(passes, _pieces(Edit.statement, c), _pieces(c.pieces, c))


def _pieces(pieces: object, c: CardView) -> rx.Component:
    return foreach(pieces, lambda piece: _piece(piece, c.record_url))


def _piece(piece: Piece, record_url: str) -> rx.Component:
    record = el.a(piece.text, href=record_url, target="_blank", rel="noreferrer", class_name="rec")
    return match(
        piece.mark,
        ("amount", el.span(piece.text, class_name="num")),
        ("record", cond(record_url != "", record, el.span(piece.text))),
        ("party", el.bdi(piece.text)),
        el.span(piece.text),
    )


def _tabs(c: CardView) -> tuple[tuple[str, str, object], ...]:
    return (
        ("change", "Change", None),
        ("reasoning", "Reasoning", c.reasoning_word),
        ("evidence", "Evidence", count(c.evidence)),
        ("policy", "Policy", None),
        ("cost", "Cost and trace", None),
        ("history", "History", count(c.history)),
    )


def _tab(name: str, title: str, count: object) -> rx.Component:
    extra = () if count is None else (el.span(count, class_name="t3 num n"),)
    return Tab.create(title, *extra, value=name)


def _panels(c: CardView) -> tuple[tuple[str, rx.Component], ...]:
    return (
        ("change", card_tabs.change(c)),
        ("reasoning", card_reasoning.reasoning(c)),
        ("evidence", card_reasoning.evidence(c)),
        ("policy", card_tabs.policy(c)),
        ("cost", card_tabs.cost(c)),
        ("history", card_tabs.history(c)),
    )
