"""A page as it is looked at: once it is at rest, in a theme and a width, with the faults that a machine can see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.npm import AXE

PHONE, TABLET, DESK, WIDE = 375, 768, 1440, 1920
HEIGHTS = {PHONE: 812, TABLET: 1024, DESK: 900, WIDE: 1080}
THEMES = ("light", "dark")
FINGER = 44  # pixels
_PATIENCE = 20_000  # milliseconds
_SCRIPT = Path(__file__).with_name("look.js").read_text().rstrip(";\n")


@dataclass(frozen=True)
class Look:
    """Somebody at a page."""

    page: Page

    def rest(self) -> None:
        """Wait until nothing loads and nothing changes any more."""
        left = self._ask("rest", _PATIENCE)
        assert left == "", f"{self.page.url} does not come to rest: {left}"

    def as_(self, theme: str, width: int) -> None:
        """The same page in another light and width, without loading it again."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.page.locator(f"html.{theme}").wait_for(state="attached")
        self.rest()

    def barriers(self) -> Sequence[str]:
        """What axe-core calls serious or critical."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.path().read_text())
        return self._list("barriers")

    def wider(self) -> Sequence[str]:
        """What makes the page scroll sideways."""
        return self._list("wider")

    def small(self) -> Sequence[str]:
        """What a finger misses: targets below 44 px that are not words in a text. Moves the scroll."""
        return self._list("small", FINGER)

    def _list(self, question: str, argument: object = None) -> Sequence[str]:
        return [re.sub(r"\s+", " ", one) for one in self._ask(question, argument)]

    def _ask(self, question: str, argument: object = None) -> Any:  # noqa: ANN401 - JSON
        return self.page.evaluate(f"(argument) => ({_SCRIPT}).{question}(argument)", argument)
