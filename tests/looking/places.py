"""Every place of the product that is looked at: an address, and what is pressed there."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.sync_api import Page, Route

import ui.pages

Press = Callable[[Page], None]
Get = Callable[..., Any]

BOXES = ("mine", "team", "waiting", "decided")
TABS = ("change", "reasoning", "evidence", "policy", "cost", "history")


@dataclass(frozen=True)
class Place:
    """``shows`` is there once the place is; ``path`` has gaps for ``{proposal}`` and ``{run}``.

    ``answers`` are given instead of the API's: a status and a body by the pattern of the address.
    """

    name: str
    path: str
    shows: str = "h1"
    press: Press | None = None
    signed_in: bool = True
    answers: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def visit(self, page: Page, url: str, ids: Mapping[str, str]) -> None:
        """Go there and press; the page is not yet at rest."""
        for pattern, (status, body) in self.answers.items():
            page.route(pattern, partial(_answer, status=status, body=body))
        page.goto(url + self.path.format(**ids))
        page.locator(self.shows).first.wait_for()
        if self.signed_in:
            page.locator("[data-connection='live']").first.wait_for(state="attached")
        if self.press is not None:
            self.press(page)


def _answer(route: Route, *, status: int, body: str) -> None:
    route.fulfill(status=status, body=body, content_type="application/json")


def find_ids(get: Get) -> dict[str, str]:
    """A proposal with everything on its card and a run with children, by the API's own answer."""
    rows = get("/proposals", decision="pending", limit=200)["items"]
    mine = [row for row in rows if row["yourTurn"]] or rows
    proposal = next((r for r in mine if r["action"] == "stripe.credit_note.create"), mine[0])
    run = get(f"/runs/{proposal['runId']}")
    return {"proposal": proposal["id"], "child": run["id"], "run": run["parentRunId"]}


def routes() -> list[str]:
    """The addresses of all pages of the app, as they are written."""
    names = [module.name for module in pkgutil.iter_modules(ui.pages.__path__)]
    found = [importlib.import_module(f"ui.pages.{name}") for name in names]
    return [module.ROUTE for module in found if hasattr(module, "ROUTE")]


def tab(name: str) -> Press:
    """Open a tab of the card."""
    return lambda page: page.locator(".cs-tabs [role=tab]").nth(TABS.index(name)).click()


def key(keys: str, shows: str) -> Press:
    """Press a key; ``shows`` is what it opens."""

    def press(page: Page) -> None:
        page.locator("#body").wait_for()
        page.keyboard.press(keys)
        page.locator(shows).first.wait_for()

    return press


def button(opens: str, shows: str) -> Press:
    """Press a button; ``shows`` is what it opens."""

    def press(page: Page) -> None:
        page.locator(opens).click()
        page.locator(shows).first.wait_for()

    return press


ROWS = ".ag-row .cs-state, .cs-pc"
CARD = ".cs-sheet #say"
_DESCRIBED: Mapping[str, Sequence[Place]] = {
    "/": (),
    "/login": (
        Place("login", "/login", "#login", signed_in=False),
        Place("login-code", "/login?error=totp_required", "#totp", signed_in=False),
    ),
    "/reset": (
        Place("reset", "/reset", "#ask", signed_in=False),
        Place("reset-link", "/reset?token=one", "#set", signed_in=False),
    ),
    "/invite": (Place("invite", "/invite?token=one", "h1", signed_in=False),),
    "/proposals/[[pid]]": (
        Place("matrix", "/proposals", ROWS),
        *[Place(f"card-{name}", "/proposals/{proposal}", CARD, tab(name)) for name in TABS],
        Place("keys", "/proposals", ROWS, key("?", "#keys[open]")),
        Place("palette", "/proposals", ROWS, key("Control+k", ".cs-palette[open]")),
        Place("messages", "/proposals", ROWS, button("#bell", "#messages h2")),
    ),
    "/inbox/[[pid]]": [Place(f"inbox-{box}", f"/inbox?box={box}", "h1") for box in BOXES],
    "/runs": (Place("runs", "/runs"),),
    "/runs/[run_id]": (Place("run", "/runs/{run}"), Place("run-of-one", "/runs/{child}")),
    "/audit": (
        Place("audit", "/audit", ".cs-acts li"),
        Place(
            "audit-act", "/audit", ".cs-acts li", button(".cs-acts summary >> nth=0", ".cs-acts dl")
        ),
        Place("audit-no-match", "/audit?q=qqqq", ".cs-empty"),
    ),
    "404": (Place("nowhere", "/no/such/page", ".cs-empty"),),
}


def places() -> list[Place]:
    """All of them. A page that is not described here is looked at as it opens; one with a gap must be described."""
    found: list[Place] = []
    for route in routes():
        known = _DESCRIBED.get(route)
        if known is None:
            assert "[" not in route, f"tests/looking/places.py does not say how to get to {route}"
            known = (Place(route.strip("/").replace("/", "-"), route),)
        found += known
    return found
