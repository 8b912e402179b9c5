"""One browser at the matrix, and what it notices: the moments are taken inside the page (``watching.js``)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from benchmarks.ledger import Ledger
from tests.cable import Cable
from tests.e2e.chromium import ensure_chromium
from tests.e2e.conftest import FLAGS

WATCH = Path(__file__).with_name("watching.js").read_text()
_PATIENCE = 30_000  # milliseconds


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser as the tests start it."""
    executable = await asyncio.to_thread(ensure_chromium)
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=str(executable), args=FLAGS)


class Reader:
    """Somebody at the matrix of an organization."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self._context = context
        self.page = page
        self._url = url

    @classmethod
    async def sit_down(
        cls, browser: Browser, url: str, cookie: str, cable: Cable | None = None
    ) -> "Reader":
        """Signed in by the session's cookie; nothing is loaded yet."""
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900},
            proxy={"server": cable.address} if cable else None,
        )
        host = urlsplit(url).hostname or ""
        value = {"name": "countersign_session", "value": cookie, "domain": host, "path": "/"}
        await context.add_cookies([value])  # type: ignore[list-item]
        await context.add_init_script(WATCH)
        return cls(context, await context.new_page(), url)

    async def leave(self) -> None:
        """Close the browser's window."""
        await self._context.close()

    async def load(self) -> float:
        """The matrix; milliseconds from the navigation to its first painted rows."""
        await self.page.goto(f"{self._url}/proposals")
        await self.page.locator(".ag-row .cs-state").first.wait_for(timeout=_PATIENCE)
        await self.page.locator("[data-connection='live']").first.wait_for(timeout=_PATIENCE)
        return float(await self.note("rows"))

    async def note(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """What the page has noted."""
        return await self.page.evaluate("(name) => watching.notes[name]", name)

    async def visible(self) -> Sequence[str]:
        """The ids of the rows on the screen."""
        rows = "[...new Set([...document.querySelectorAll('.ag-row[row-id]')].map((r) => r.getAttribute('row-id')))]"
        found: list[str] = await self.page.evaluate(rows)
        return [one for one in found if "-" in one]

    async def open_card(self, proposal: str) -> tuple[float, float]:
        """Milliseconds from the click on a row to the card's frame, and to the whole card."""
        await self._ask("card", proposal)
        await self.page.locator(f"[row-id='{proposal}'] [col-id='change']").first.click()
        frame, whole = await self._answered()
        await self.page.keyboard.press("Escape")
        await self.page.locator(".cs-sheet").wait_for(state="detached")
        return frame, whole

    async def key(self, key: str, question: str) -> float:
        """Milliseconds from a key to its answer on the screen."""
        await self._ask(question)
        await self.page.keyboard.press(key)
        return float(await self._answered())

    async def change(self, ledger: Ledger, proposal: str) -> float:
        """Milliseconds from the beginning of a transaction to the row that shows what it has changed."""
        number = self.page.locator(f"[row-id='{proposal}'] .cs-risk .n")
        risk = (int(await number.inner_text()) + 1) % 101
        await self._ask("shows", proposal, risk)
        began = time()
        await ledger.change(UUID(proposal), risk)
        return float(await self._answered()) - 1000 * began

    async def _ask(self, question: str, *about: object) -> None:
        await self.page.evaluate("(question) => watching.ask(...question)", [question, *about])

    async def _answered(self) -> Any:  # noqa: ANN401 - JSON
        async with asyncio.timeout(_PATIENCE / 1000):
            return await self.page.evaluate("watching.answered()")

    async def place(self) -> str:
        """Scroll, cursor and selection of the grid."""
        return str(await self.page.evaluate("watching.place()"))
