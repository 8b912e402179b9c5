"""The cable is pulled and put back: the page says so, decides nothing meanwhile, and misses nothing."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cable import Cable
from tests.e2e.person import Account, Person
from tests.fixtures.stream import listening
from tests.stack import Stack

pytestmark = pytest.mark.long

REMINDER = "stripe.invoice.send_reminder"
DONE = "Ran exactly what was approved"
NOTE = """
window.heard = [];
const add = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (kind, f) {
  add.call(this, kind, (e) => { if (/proposal|run|reset/.test(kind)) heard.push(+e.lastEventId); f(e); });
};
"""


@pytest.fixture
def cable() -> Iterator[Cable]:
    with Cable() as opened:
        yield opened


def test_page_when_its_cable_is_pulled_then_it_waits_and_afterwards_has_missed_nothing(
    stack: Stack,
    browser: Browser,
    accounts: dict[str, Account],
    person: Callable[[str], Person],
    cable: Cable,
) -> None:
    petra = person("petra")
    paul = Person(browser, stack.demo.web_url, accounts["paul"], cable=cable)
    card, page = petra.choose(REMINDER), paul.page
    page.add_init_script(NOTE)
    paul.look_up(card["target"]["label"])
    page.locator(f"[row-id='{card['id']}'] [col-id='change']").click()
    sheet = page.locator(f".cs-sheet[data-proposal='{card['id']}']")
    expect(sheet.locator("#approve")).to_be_enabled()
    page.evaluate("window.sameDocument = true")

    cable.cut()
    says(page, "Catching up")
    decided = {"kind": "approve", "digest": card["digest"]}
    assert petra.post(f"/proposals/{card['id']}/decisions", decided)[0] == 200
    petra.look_up(card["target"]["label"])
    petra.sees(card["id"], "Executed")
    says(page, re.compile(r"Offline since \d\d:\d\d:\d\d. Deciding is paused"))
    expect(sheet.locator("#approve")).to_be_disabled()
    assert "connection" in (sheet.locator("#approve").get_attribute("title") or "")
    paul.sees(card["id"], "Your turn")

    cable.mend()
    says(page, "Live")
    paul.sees(card["id"], "Executed")
    expect(sheet).to_contain_text(DONE)
    assert page.evaluate("window.sameDocument") is True
    heard: list[int] = page.evaluate("heard")
    assert heard == told(stack, accounts["paul"], heard[0], heard[-1])
    paul.leave()


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """The indicator says so."""
    expect(page.locator("[data-connection]").first).to_contain_text(words)


def told(stack: Stack, account: Account, first: int, last: int) -> list[int]:
    """The ids of all events from the first to the last, as the stream tells them without a disturbance."""

    async def read() -> list[int]:
        bearer = {"Authorization": f"Bearer {account.token}"}
        found: list[int] = []
        async with listening(stack.demo.api_url, bearer, since=first - 1) as listener:
            while not found or found[-1] < last:
                event = await listener.next()
                assert event is not None
                assert event.seq is not None
                found.append(event.seq)
        return found

    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        return apart.submit(asyncio.run, read()).result()
