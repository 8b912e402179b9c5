"""The main states of the pages beside their usual one: what goes wrong, what is empty, what is half done."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route

from tests.cable import Cable
from tests.looking.places import CARD, ROWS, Place, Press, key
from tests.screens.scene import Scene

_OFFLINE = 40_000  # milliseconds; the page says it after 20 seconds of silence
_NOBODY = "/proposals/00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class State:
    """A place whose address the scene gives, or that needs the cable."""

    place: Place
    proposal: Callable[[Scene], str] | None = None


def states(cable: Cable) -> list[State]:
    """All of them. What the page asks the API is answered here where the demo has no such answer."""
    rows = "**/api/v1/proposals?*"
    return [
        *[State(one) for one in (_login_refused(), *_matrix(rows), *_forms())],
        State(Place("matrix-offline", "/proposals", ROWS, _pull(cable))),
        *[
            State(Place(f"card-{name}", "/proposals/{proposal}", CARD), ask)
            for name, ask in _STANDINGS
        ],
        State(Place("card-missing", _NOBODY, ".cs-sheet h1, .cs-sheet h2")),
        State(Place("session-ended", "/proposals", ROWS, _end_session)),
    ]


_STANDINGS: tuple[tuple[str, Callable[[Scene], str]], ...] = (
    ("half-signed", lambda scene: scene.half_signed),
    ("executed", lambda scene: scene.executed),
    ("stale", lambda scene: scene.stale),
    ("unknown", lambda scene: scene.unknown),
)


def _matrix(rows: str) -> list[Place]:
    nothing = '{"items": [], "total": 0, "totalIsEstimate": false}'
    broken = '{"status": 503, "code": "unavailable", "detail": "The database does not answer.", "instance": "req-5f21"}'
    return [
        Place("matrix-filtered", "/proposals", ROWS, _find("reminder", ROWS)),
        Place("matrix-no-match", "/proposals", ROWS, _find("qqqq", ".cs-empty")),
        Place("matrix-empty", "/proposals", ".cs-empty", answers={rows: (200, nothing)}),
        Place("matrix-error", "/proposals", ".cs-empty", answers={rows: (503, broken)}),
    ]


def _forms() -> list[Place]:
    path = "/proposals/{proposal}"
    return [
        Place("card-reject", path, CARD, key("r", "#reason")),
        Place("card-edit", path, CARD, key("e", "#save-edit")),
        Place("card-ask", path, CARD, key("q", ".cs-sheet textarea, .cs-sheet form input")),
        Place("card-delegate", path, CARD, key("d", ".cs-sheet form")),
    ]


def _find(words: str, shows: str) -> Press:
    def press(page: Page) -> None:
        page.locator("#find").fill(words)
        page.locator(shows).first.wait_for()

    return press


def _login_refused() -> Place:
    def press(page: Page) -> None:
        page.locator("#email").fill("nobody@meridian.example")
        page.locator("#password").fill("not the password")
        page.locator("#login").click()
        page.locator("[role=alert]").first.wait_for()

    return Place("login-refused", "/login", "#login", press, signed_in=False)


def _pull(cable: Cable) -> Press:
    def press(page: Page) -> None:
        cable.cut()
        page.locator("[data-connection='offline']").wait_for(timeout=_OFFLINE)

    return press


def _end_session(page: Page) -> None:
    page.route("**/api/v1/proposals?*", _refuse)
    page.locator("#find").fill("a")
    page.locator("[role=alertdialog]").wait_for()


def _refuse(route: Route) -> None:
    route.fulfill(status=401, json={"code": "unauthenticated", "detail": "Sign in."})
