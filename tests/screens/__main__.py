"""Pictures of every page and main state for `docs/screens`: three widths, light and dark, on a running `make up`.

Usage: ``python -m tests.screens [place ...]``; a place is a name or its beginning. It starts a run and decides a few of
its proposals.
"""

import argparse
import asyncio
import base64
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from backend.core.settings import process_environment
from backend.embedded import demo_file, launch
from tests.cable import Cable
from tests.e2e.chromium import ensure_chromium
from tests.e2e.conftest import FLAGS, look_at_every_invoice
from tests.e2e.person import Account, Person
from tests.looking.look import PHONE, TABLET, THEMES, WIDE, Look
from tests.looking.places import places
from tests.screens.scene import Scene
from tests.screens.states import State, states
from tests.stack import ROOT, Stack

FOLDER = ROOT / "docs" / "screens"
_QUALITY = 50


class Studio:
    """Takes all pictures of a place in one go: the page is loaded once."""

    def __init__(
        self, browser: Browser, url: str, scene: Scene, cable: Cable, paul: Person
    ) -> None:
        self._url = url
        self._scene = scene
        self._cable = cable
        self._paul = paul
        self._browser = browser

    def shoot(self, state: State) -> None:
        """Go there and take them."""
        place, ids = state.place, dict(self._scene.ids)
        if state.proposal:
            ids["proposal"] = state.proposal(self._scene)
        page = (
            self._paul.another()
            if place.signed_in
            else self._browser.new_page(reduced_motion="reduce")
        )
        try:
            place.visit(page, self._url, ids)
            for width in (WIDE, TABLET, PHONE):
                for theme in THEMES:
                    Look(page).as_(theme, width)
                    _develop(page, FOLDER / f"{place.name}-{width}-{theme}.webp")
        finally:
            page.close()
            self._cable.mend()


def _develop(page: Page, file: Path) -> None:
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    file.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


def main(names: Sequence[str]) -> int:
    """Take the pictures; 1 when a place could not be reached, after all others."""
    stack = Stack(launch.load(process_environment()).demo.parent)
    demo = demo_file.read(stack.state / "demo.json")
    accounts = {user.email.split("@")[0]: Account(user.email, user.password) for user in demo.users}
    FOLDER.mkdir(exist_ok=True)
    missed: list[str] = []
    executable = ensure_chromium()
    asyncio.run(look_at_every_invoice(demo))
    with Cable() as cable, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(executable), args=FLAGS)
        paul = Person(browser, demo.web_url, accounts["paul"], cable=cable, still=True)
        petra = Person(browser, demo.web_url, accounts["petra"])
        studio = Studio(browser, demo.web_url, Scene(stack, paul, petra), cable, paul)
        for state in [*map(State, places()), *states(cable)]:
            name = state.place.name
            if names and not any(name.startswith(wanted) for wanted in names):
                continue
            try:
                studio.shoot(state)
            except (Error, AssertionError) as error:
                missed.append(f"{name}: {str(error).splitlines()[0]}")
            else:
                sys.stdout.write(f"{name}\n")
        browser.close()
    sys.stderr.writelines(f"not taken: {one}\n" for one in missed)
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", help="names of places, or their beginnings")
    sys.exit(main(parser.parse_args().places))
