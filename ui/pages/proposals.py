"""The matrix with the logic card as its side sheet; the card is the address."""

import reflex as rx

from ui.api_client import Api, ApiError
from ui.card_views import card_view
from ui.components import card as cards
from ui.components.island import Choice, Do, Find, Hear, Rows, Sheet, Sort, Unless, Value, When
from ui.components.launch import Launch, run_button
from ui.components.shell import mark
from ui.reflex_types import el, fragment, match
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, kbd
from ui.view_models import CardView

ROUTE = "/proposals/[[pid]]"
VIEWS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("all", "Everything", {}),
    ("open", "Needs a decision", {"decision": "pending"}),
    ("risky", "High risk", {"decision": "pending", "minRisk": 60}),
    ("executed", "Executed", {"execution": "executed"}),
    ("rejected", "Rejected", {"decision": "rejected"}),
    ("stale", "Stale", {"decision": "stale"}),
)
ORDERS = (
    ("-createdAt", "Newest first"),
    ("-updatedAt", "Last changed first"),
    ("dueAt", "Due first"),
    ("-risk", "Highest risk first"),
    ("risk", "Lowest risk first"),
    ("-amount", "Largest amount first"),
    ("amount", "Smallest amount first"),
    ("createdAt", "Oldest first"),
)


class Card(rx.State):
    """The open card. ``shown`` is the proposal that ``mode`` (card, missing, broken) speaks of."""

    card: CardView = CardView()
    shown: str = ""
    mode: str = "card"
    detail: str = ""

    @rx.event(background=True)
    async def sync(self) -> None:
        """Load the card that the address names. Runs on load, on every step to another card and on reconnect."""
        async with self:
            wanted, session = _wanted(self.router.url.path), session_of(self)
            me = (await self.get_state(Session)).me.user_id
            if not wanted:
                self.shown = ""
                return
        try:
            me = me or (await Api(session).me()).user.id
            view = card_view(await Api(session).proposal(wanted), me)
        except ApiError as error:
            async with self:
                self.detail = await explained(self, error)
                self._show("missing" if error.missing else "broken", wanted)
            return
        async with self:
            if self._show("card", wanted):
                self.card = view

    def _show(self, mode: str, wanted: str) -> bool:
        """False when the address has moved on to another proposal meanwhile."""
        current = _wanted(self.router.url.path) == wanted
        if current:
            self.mode, self.shown = mode, wanted
        return current


def _wanted(path: str) -> str:
    return path.removeprefix("/proposals").strip("/")


def content() -> rx.Component:
    """The page."""
    return fragment(
        page("Matrix", el.div(_views(), _filters(), _list(), _foot(), class_name="cs-page")),
        Sheet.create(
            match(
                Card.mode,
                ("missing", cards.missing()),
                ("broken", cards.broken(Card.detail, Card.sync)),
                fragment(
                    cards.card(Card.card),
                    Hear.create(of="proposal.changed refused", id=Card.shown, on_change=Card.sync),
                ),
            ),
            loaded=Card.shown,
            title="Proposal",
        ),
    )


ON_LOAD = [Session.boot, Card.sync, Launch.load]


def _views() -> rx.Component:
    choices = [Choice.create(title, name=name, filter=query) for name, title, query in VIEWS]
    return el.div(*choices, class_name="cs-views", role="group", aria_label="Views")


def _filters() -> rx.Component:
    return el.div(
        el.label(
            icon("search", 14),
            el.span("Find in this view", class_name="sr"),
            Find.create(placeholder="Find in this view"),
            kbd("/"),
            class_name="find",
        ),
        el.span(class_name="grow"),
        Unless.create(
            Do.create(
                icon("arrow-up", 14),
                el.span("Show ", Value.create(of="fresh"), " new"),
                act="showNew",
                id="show-new",
                class_name="cs-btn quiet accent",
            ),
            of="fresh",
            equals="0",
        ),
        Sort.create(
            *[el.option(title, value=key) for key, title in ORDERS],
            id="sort",
            class_name="cs-btn quiet cs-sort",
            aria_label="Order",
        ),
        run_button(),
        class_name="cs-filters",
    )


def _list() -> rx.Component:
    return el.div(
        Rows.create(),
        When.create(
            _empty(
                mark(),
                "No proposals yet",
                "Run a playbook. What it proposes appears here by itself.",
            ),
            of="rows",
            equals="empty",
        ),
        When.create(
            _empty(
                icon("list-filter", 20),
                "No proposal matches",
                "The view or the words you look for hide all of them.",
                Do.create("Show everything", act="clear", class_name="cs-btn"),
            ),
            of="rows",
            equals="filtered",
        ),
        When.create(
            _empty(
                icon("triangle-alert", 20),
                "The list could not be loaded",
                fragment(
                    Value.create(of="problem"),
                    Unless.create(
                        " Reference ",
                        el.span(Value.create(of="reference"), class_name="mono"),
                        of="reference",
                        equals="",
                    ),
                ),
                Do.create("Try again", act="retry", class_name="cs-btn"),
            ),
            of="rows",
            equals="broken",
        ),
        When.create(
            _empty(icon("lock", 20), "Proposals are not open to you", Value.create(of="problem")),
            of="rows",
            equals="forbidden",
        ),
        class_name="cs-list",
    )


def _empty(mark: rx.Component, title: str, text: object, *ways: rx.Component) -> rx.Component:
    return el.div(
        mark,
        el.h2(title),
        el.p(text),
        el.div(*ways, class_name="row") if ways else fragment(),
        class_name="cs-empty over",
        role="status",
    )


def _foot() -> rx.Component:
    hints = (
        ("J", "K", "move"),
        ("↵", "", "open"),
        ("A", "", "approve"),
        ("R", "", "reject"),
        ("?", "", "all keys"),
    )
    return el.footer(
        el.span(el.b(Value.create(of="total")), " proposals"),
        el.span(class_name="grow"),
        *[
            el.span(kbd(a), kbd(b) if b else fragment(), what, class_name="row")
            for a, b, what in hints
        ],
        class_name="cs-gridfoot num",
    )
