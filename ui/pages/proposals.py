"""The matrix with the logic card as its side sheet; the card is the address."""

import reflex as rx

from ui.api_client import Api
from ui.card_views import card_view
from ui.components import card as cards
from ui.components.appearance import density_choice
from ui.components.bulk import Bulk
from ui.components.filters import Export, Filters, Total
from ui.components.island import Do, Find, Hear, Rows, Sheet, Sort, Unless, Value, When
from ui.components.launch import Launch, run_button
from ui.components.shell import mark
from ui.components.views import Columns, Views
from ui.reflex_types import el, fragment, match
from ui.requests import ApiError
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, kbd
from ui.view_models import CardView

ROUTE = "/proposals/[[pid]]"
USUALS: list[tuple[str, str, dict[str, object]]] = [
    ("all", "Everything", {}),
    ("open", "Needs a decision", {"decision": ["pending"]}),
    ("mine", "Your turn", {"box": "mine"}),
    ("risky", "High risk", {"decision": ["pending"], "minRisk": "60"}),
    ("executed", "Executed", {"execution": ["executed"]}),
    ("rejected", "Rejected", {"decision": ["rejected"]}),
    ("stale", "Stale", {"decision": ["stale"]}),
]
"""Name, title and filter of the views that everybody has."""
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
    """The open card. ``shown`` is the proposal that ``mode`` (card, missing, broken, forbidden) speaks of."""

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
                self._show(_mode(error), wanted)
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


def _mode(error: ApiError) -> str:
    return "missing" if error.missing else "forbidden" if error.forbidden else "broken"


def _wanted(path: str) -> str:
    """The id in ``/<list>/<id>``."""
    return path.strip("/").partition("/")[2]


def content() -> rx.Component:
    """The page."""
    return fragment(
        page(
            "Matrix",
            el.div(
                Views.create(usuals=USUALS, label="Views"),
                _filters(),
                _list(),
                _foot(),
                class_name="cs-page",
            ),
        ),
        sheet(ROUTE),
    )


def sheet(route: str, *, pane: bool = False) -> rx.Component:
    """The card over the list of the page with this route, or as a pane beside it."""
    return Sheet.create(
        match(
            Card.mode,
            ("missing", cards.missing()),
            ("broken", cards.broken(Card.detail, Card.sync)),
            ("forbidden", cards.forbidden(Card.detail)),
            fragment(
                cards.card(Card.card),
                Hear.create(of="proposal.changed refused", id=Card.shown, on_change=Card.sync),
            ),
        ),
        loaded=Card.shown,
        title="Proposal",
        away="Close",
        home=route.removesuffix("/[[pid]]"),
        pane=pane,
    )


ON_LOAD = [Session.boot, Card.sync, Launch.load]


def _filters() -> rx.Component:
    return el.div(
        el.label(
            icon("search", 14),
            el.span("Find in this view", class_name="sr"),
            Find.create(placeholder="Find in this view"),
            kbd("/"),
            class_name="find",
        ),
        Filters.create(icon("list-filter", 14), "Filter"),
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
        Columns.create(
            fragment(icon("columns-3", 14), el.span("Columns", class_name="wide")),
            density_choice(),
            label="Columns",
        ),
        Export.create(
            icon("download", 14),
            el.span("Export", class_name="wide"),
            id="export",
            class_name="cs-btn quiet",
            custom_attrs={"title": "Download this list as CSV"},
        ),
        run_button(),
        class_name="cs-filters",
    )


def _list() -> rx.Component:
    return el.div(
        Rows.create(),
        Bulk.create(),
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
        ("X", "", "select"),
        ("?", "", "all keys"),
    )
    return el.footer(
        Total.create(one="{} proposal", many="{} proposals", estimate="About {} proposals"),
        el.span(class_name="grow"),
        *[
            el.span(kbd(a), kbd(b) if b else fragment(), what, class_name="row")
            for a, b, what in hints
        ],
        class_name="cs-gridfoot num",
    )
