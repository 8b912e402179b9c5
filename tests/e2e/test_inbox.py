"""The inbox and the bell as a person meets them: what waits for them, in which order, and what they were told."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.core.clock import now
from tests.e2e.inbox_times import due
from tests.e2e.person import Person
from tests.stack import Stack

LogIn = Callable[[str], Person]

REMINDER = "stripe.invoice.send_reminder"
ROWS = ".cs-in[row-id]"
BESIDE = 1200  # pixels from which the card stands beside its list


def inbox(person: Person, box: str = "mine") -> Page:
    """The person's inbox, once it shows rows and hears of changes."""
    page = person.page
    page.goto(f"{person.url}/inbox?box={box}")
    page.locator(ROWS).first.wait_for()
    page.locator("[data-connection='live']").first.wait_for()
    return page


def shown(page: Page) -> list[str]:
    found: list[str] = page.locator(ROWS).evaluate_all(
        "rows => rows.map((row) => row.getAttribute('row-id'))"
    )
    return found


def beside(page: Page, proposal: str) -> None:
    """The pane shows the card of this proposal."""
    expect(page.locator(f".cs-sheet.beside[data-proposal='{proposal}'] h1")).to_be_visible()


@pytest.fixture
def late(stack: Stack, person: LogIn) -> Iterator[dict[str, Any]]:
    """A reminder whose time is over: its row is the only overdue one."""
    card = person("petra").choose(REMINDER)
    with due(stack, card["id"], now() - timedelta(hours=1)):
        yield card


def test_inbox_when_opened_then_counts_are_the_apis_and_what_is_overdue_comes_first(
    person: LogIn, late: dict[str, Any]
) -> None:
    petra = person("petra")
    page = inbox(petra)
    counts = petra.get("/inbox/counts")
    assert counts["mine"] > 1
    assert counts["overdue"] == 1
    for box in ("mine", "team", "waiting", "decided"):
        expect(page.locator(f"#box-{box} .n")).to_have_text(f"{counts[box]:,}")
    expect(page.locator(".cs-nav .cs-count").first).to_have_text(str(counts["mine"]))
    listed = petra.get("/proposals", box="mine", sort="dueAt", limit=50)["items"]
    assert shown(page) == [row["id"] for row in listed]
    assert shown(page)[0] == late["id"]
    expect(page.locator(".cs-inlist h2").first).to_have_text(re.compile(r"Overdue\s*1"))
    beside(page, late["id"])


def test_triage_when_decided_by_keys_then_the_next_opens_and_decided_shows_it(
    person: LogIn,
) -> None:
    petra = person("petra")
    page = inbox(petra)
    first, second, third, *_ = order = shown(page)
    beside(page, first)
    page.keyboard.press("j")
    beside(page, second)
    page.keyboard.press("k")
    beside(page, first)
    expect(page.locator("#reject")).to_be_enabled()
    page.keyboard.press("r")
    page.locator("#reason").fill("The customer has called")
    page.keyboard.press("Enter")
    beside(page, second)
    expect(page.locator(f"[row-id='{first}']")).to_have_class(re.compile("gone"))
    expect(page.locator("#approve")).to_be_enabled()
    page.keyboard.press("a")
    beside(page, third)
    page.keyboard.press("z")
    expect(page.locator(f"[row-id='{second}']")).not_to_have_class(re.compile("gone"))
    beside(page, third)
    assert shown(page) == order
    assert petra.get(f"/proposals/{first}")["decision"] == "rejected"
    assert petra.get(f"/proposals/{second}")["decision"] == "pending"
    page.locator("#box-decided").click()
    expect(page.locator(f"[row-id='{first}']")).to_contain_text("Rejected")
    expect(page.locator(f"[row-id='{second}']")).to_have_count(0)


def test_inbox_when_somebody_else_decides_then_the_row_greys_and_the_count_falls(
    person: LogIn,
) -> None:
    petra, paul = person("petra"), person("paul")
    page = inbox(petra)
    before = petra.get("/inbox/counts")["mine"]
    expect(page.locator("#box-mine .n")).to_have_text(str(before))
    order = shown(page)
    taken = next(
        one for one in order[::-1] if paul.get(f"/proposals/{one}")["canReject"]["allowed"]
    )
    digest = paul.get(f"/proposals/{taken}")["digest"]
    said = {"kind": "reject", "digest": digest, "reason": "Paid by hand"}
    status, _ = paul.post(f"/proposals/{taken}/decisions", said)
    assert status == 200
    expect(page.locator(f"[row-id='{taken}']")).to_have_class(re.compile("gone"))
    expect(page.locator("#box-mine .n")).to_have_text(str(before - 1))
    assert shown(page) == order


def test_bell_when_a_signature_is_given_to_me_then_it_rings_and_opening_it_reads_it(
    person: LogIn,
) -> None:
    petra, paul = person("petra"), person("paul")
    page = inbox(petra)
    petra.post("/notifications/read", {})
    bell = page.locator("#bell")
    bell.click()
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    card = paul.choose(REMINDER)
    me = petra.get("/me")["user"]["id"]
    given = {"kind": "delegate", "digest": card["digest"], "to": me}
    status, problem = paul.post(f"/proposals/{card['id']}/decisions", given)
    assert status == 200, problem
    expect(bell).to_have_attribute("aria-label", "Messages, 1 unread")
    bell.click()
    newest = page.locator("#messages .notice").first
    expect(newest).to_contain_text("Paul Approver gave you their signature")
    newest.click()
    expect(page.locator(f".cs-sheet[data-proposal='{card['id']}'] h1")).to_be_visible()
    expect(bell).to_have_attribute("aria-label", "Messages, none unread")
    assert petra.get("/notifications")["unread"] == 0


def test_inbox_when_the_window_is_narrow_or_wide_then_nothing_scrolls_sideways(
    person: LogIn,
) -> None:
    petra = person("petra")
    for width in (375, 768, 1920):
        petra.page.set_viewport_size({"width": width, "height": 900})
        page = inbox(petra)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        row = page.locator(ROWS).first
        box = row.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        row.click()
        expect(page.locator(".cs-sheet h1")).to_be_visible()
        if width < BESIDE:  # the card covers the list and gives it back
            page.keyboard.press("Escape")
            expect(page.locator(".cs-sheet")).to_have_count(0)
            expect(row).to_be_focused()
