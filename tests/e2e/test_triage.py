"""Fifty proposals decided without a mouse, beside a colleague and another organization, and what became of each."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Account, Person
from tests.stack import Stack

pytestmark = pytest.mark.long

LogIn = Callable[[str], Person]

REMINDER = "stripe.invoice.send_reminder"
FIFTY = 50
REASON = "They pay on the phone"
NOTE = """
window.told = new Set();
const add = EventSource.prototype.addEventListener;
EventSource.prototype.addEventListener = function (kind, f) {
  const heard = (e) => { const about = JSON.parse(e.data || "{}").proposal; if (about) told.add(about.id); f(e); };
  add.call(this, kind, heard);
};
"""


class Keyboard:
    """Paul, who does not touch the mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.said: dict[str, str] = {}

    def opened(self) -> str:
        """The proposal whose card is open, once it can be decided or somebody else has decided it."""
        self._page.locator(".cs-sheet #say").wait_for()
        shown = self._page.locator(".cs-sheet").get_attribute("data-proposal")
        assert shown is not None
        return shown

    def may_decide(self) -> bool:
        """Whether the open card offers it."""
        return self._page.locator(".cs-sheet #approve:enabled").count() == 1

    def decide(self, proposal: str, kind: str) -> None:
        """Approve or reject what is open."""
        self._page.keyboard.press("a" if kind == "approve" else "r")
        if kind == "reject":
            expect(self._page.locator("#reason")).to_be_focused()
            self._page.keyboard.type(REASON)
            self._page.keyboard.press("Enter")
        self.said[proposal] = kind
        undecided = f".cs-sheet[data-proposal='{proposal}'] #{kind}:enabled"
        expect(self._page.locator(undecided)).to_have_count(0)

    def step(self, proposal: str) -> None:
        """To the next card, unless deciding has already led there."""
        if self.opened() == proposal:
            self._page.keyboard.press("j")
        sheet = self._page.locator(f".cs-sheet:not([data-proposal='{proposal}'])")
        sheet.locator("#say").wait_for()


def test_triage_when_fifty_are_decided_by_keys_then_each_is_decided_as_the_keys_said(
    stack: Stack, browser: Browser, accounts: Mapping[str, Account], person: LogIn
) -> None:
    petra, hugo = person("petra"), person("hugo")
    paul = Person(browser, stack.demo.web_url, accounts["paul"])
    keys, page = Keyboard(paul.page), paul.page
    others = {row["id"]: row for row in hugo.get("/proposals", limit=200)["items"]}
    listed = paul.get("/proposals", q="reminder", limit=200)
    before = paul.get("/activity", limit=1)["items"][0]["at"]  # of what others did here before
    assert sum(row["yourTurn"] for row in listed["items"]) >= FIFTY
    _into_the_grid(page, listed["total"])
    page.keyboard.press("Enter")
    decided_by_petra: set[str] = set()
    decided_by_hugo = [_reject(hugo, row) for row in _pending(hugo)[:3]]
    while len(keys.said) + len(decided_by_petra) < FIFTY:
        shown = keys.opened()
        number = len(keys.said) + len(decided_by_petra)
        if not keys.may_decide():
            pass  # decided already, before this test
        elif number % 10 == 4:  # a colleague is quicker, while the card is open
            decided_by_petra.add(_reject(petra, petra.get(f"/proposals/{shown}")))
            expect(page.locator(".cs-sheet")).to_contain_text("Rejected")
        else:
            keys.decide(shown, "reject" if number % 3 else "approve")
        keys.step(shown)
    cards = {one: paul.get(f"/proposals/{one}") for one in (*keys.said, *decided_by_petra)}
    assert {one: _by(card, "Paul Approver", before) for one, card in cards.items()} == {
        one: [keys.said[one]] if one in keys.said else [] for one in cards
    }
    assert len(cards) == FIFTY
    assert not set(cards) & set(others)
    now = {row["id"]: row for row in hugo.get("/proposals", limit=200)["items"]}
    moved = {one for one, row in others.items() if now[one]["decision"] != row["decision"]}
    assert moved == set(decided_by_hugo)
    paul.leave()


def test_two_organizations_when_one_decides_then_its_people_see_it_and_the_others_hear_nothing(
    person: LogIn,
) -> None:
    paul, petra, hugo = person("paul"), person("petra"), person("hugo")
    for one in (paul, petra, hugo):
        one.page.add_init_script(NOTE)
    card = petra.choose(REMINDER)
    theirs = _pending(hugo)[0]
    paul.look_up(card["target"]["label"])
    hugo.look_up(theirs["target"]["label"])
    sheet = petra.open(card["id"])
    sheet.locator("#approve").click()
    _reject(hugo, theirs)
    paul.sees(card["id"], "Executed")
    hugo.sees(theirs["id"], "Rejected")
    for one, own, foreign in ((paul, card, theirs), (petra, card, theirs), (hugo, theirs, card)):
        told = one.page.evaluate("[...told]")
        assert own["id"] in told
        assert foreign["id"] not in told
        assert set(told) <= {row["id"] for row in one.get("/proposals", limit=200)["items"]}


def _into_the_grid(page: Page, found: int) -> None:
    """Look for reminders and go to the first, as a hand on the keys does."""
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("reminder")
    expect(page.locator("#total")).to_contain_text(f"{found:,} proposal")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.matches('select, input')"):
        page.keyboard.press("Tab")
    page.keyboard.press("j")
    expect(page.locator(".ag-row-focus")).to_have_count(1)


def _pending(one: Person) -> list[dict[str, Any]]:
    """Cards that this person can decide now."""
    rows = one.get("/proposals", decision="pending", limit=200)["items"]
    cards = (one.get(f"/proposals/{row['id']}") for row in rows)
    return [card for card in cards if card["canReject"]["allowed"]][:3]


def _reject(one: Person, card: dict[str, Any]) -> str:
    """Over REST; the id of what is rejected then."""
    given = {"kind": "reject", "digest": card["digest"], "reason": "Already paid"}
    status, answer = one.post(f"/proposals/{card['id']}/decisions", given)
    assert status == 200, answer
    return str(card["id"])


def _by(card: dict[str, Any], name: str, after: str) -> list[str]:
    """What this person has decided about a proposal after some moment."""
    kinds = {"Signed": "approve", "Approved": "approve", "Rejected": "reject"}
    new = [entry for entry in card["history"] if entry["at"] > after]
    acts = [entry for entry in new if (entry["actor"] or {}).get("name") == name]
    return [kinds[entry["what"]] for entry in acts if entry["what"] in kinds]
