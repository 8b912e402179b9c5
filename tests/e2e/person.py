"""A person at the product: what they see and press in a browser, and what they ask over REST."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.cable import Cable

SOON = 30_000  # milliseconds; what every expectation waits for without saying so


@dataclass
class Account:
    """A log-in; after the first use with its session and token, for log-ins are limited to ten a minute."""

    email: str
    password: str
    cookies: StorageState | None = None
    token: str = ""


class Person:
    """Somebody who is logged in. Errors of the page fail the test when they leave."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        account: Account,
        *,
        cable: Cable | None = None,
        still: bool = False,
    ) -> None:
        """``cable`` is what the browser is connected with; ``still``: nothing moves, the theme follows the system."""
        self.url = url
        self._account = account
        self._context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            storage_state=account.cookies,
            proxy={"server": cable.address} if cable else None,
            reduced_motion="reduce" if still else "no-preference",
            color_scheme="light",
        )
        self.page = self._context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{url}/proposals")
        if account.cookies is None:
            self._log_in()
        self.live()

    def _log_in(self) -> None:
        account = self._account
        self.page.locator("#email").fill(account.email)
        self.page.locator("#password").fill(account.password)
        self.page.locator("#login").click()
        self.live()
        account.cookies = self._context.storage_state()
        reply = self._context.request.post(
            f"{self.url}/api/v1/auth/token",
            data={"email": account.email, "password": account.password},
        )
        account.token = reply.json()["accessToken"]

    def live(self) -> None:
        """Wait until the grid shows rows and hears of changes."""
        self.page.locator(".ag-row").first.wait_for()
        self.page.locator("[data-connection='live']").first.wait_for()

    def another(self) -> Page:
        """One more tab of the same browser."""
        return self._context.new_page()

    def leave(self) -> None:
        self._context.close()
        assert self.errors == []

    def get(self, path: str, **params: str | float | bool) -> Any:  # noqa: ANN401 - JSON
        reply = self._context.request.get(
            f"{self.url}/api/v1{path}", headers=self._bearer(), params=params
        )
        assert reply.ok, reply.text()
        return reply.json()

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        reply = self._context.request.post(
            f"{self.url}/api/v1{path}", headers=self._bearer(), data=body
        )
        return reply.status, reply.json()

    def choose(self, action: str, *, signatures: int = 1) -> dict[str, Any]:
        """The card of a pending proposal of this action that nobody has touched."""
        rows = self.get("/proposals", decision="pending", limit=200)["items"]
        cards: Iterator[dict[str, Any]] = (
            self.get(f"/proposals/{row['id']}")
            for row in rows
            if row["action"] == action
            and row["requiredSignatures"] == signatures
            and not row["signatures"]
        )
        return next(card for card in cards if len(card["history"]) == 1)

    def open(self, proposal: str) -> Locator:
        """Open a card by its address, once it shows this proposal."""
        self.page.goto(f"{self.url}/proposals/{proposal}")
        sheet = self.page.locator(f".cs-sheet[data-proposal='{proposal}']")
        sheet.wait_for()
        return sheet

    def trigger(self, playbook: str, kind: str) -> Locator:
        """The switch of a trigger on the page of the playbooks, for who may switch it."""
        self.page.goto(f"{self.url}/playbooks")
        tile = self.page.get_by_role("article").filter(has_text=playbook)
        switch = tile.locator(f"[data-trigger='{kind}']")
        switch.wait_for()
        return switch

    def look_up(self, text: str) -> None:
        """Find rows in the matrix, so that the grid holds them."""
        self.page.goto(f"{self.url}/proposals")
        self.live()
        self.page.locator("#find").fill(text)

    def sees(self, proposal: str, status: str) -> None:
        """The row's status becomes this word without a reload."""
        cell = self.page.locator(f"[row-id='{proposal}'] [col-id='status']")
        expect(cell).to_contain_text(status)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._account.token}"}
