"""The matrix as a list: ordered, narrowed, searched, linked to, taken away as a file, and still while others decide."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]

RISKY = "/proposals?decision=pending&minRisk=30&sort=-risk"


def row(page: Page, number: int) -> Locator:
    return page.locator(f".ag-row[row-index='{number}'][row-id]").first


def header(page: Page, column: str) -> Locator:
    return page.locator(f".ag-header-cell[col-id='{column}']")


def shows(page: Page, wanted: list[dict[str, Any]], first: int = 5) -> None:
    """The first rows are these, in this order."""
    for number, one in enumerate(wanted[:first]):
        expect(row(page, number)).to_have_attribute("row-id", one["id"])


def go(person: Person, address: str) -> Page:
    """Another page load, once it shows rows and hears of changes."""
    person.page.goto(person.page.url.partition("/proposals")[0] + address)
    person.live()
    return person.page


def narrow(page: Page, column: str) -> Locator:
    """Open the editor of a column's filter."""
    page.locator("#add-filter").click()
    page.locator(".cs-pop").get_by_role("button", name=column, exact=True).click()
    return page.locator(".cs-pop")


def test_list_when_ordered_narrowed_and_searched_then_address_and_rows_say_so_after_a_reload(
    person: LogIn,
) -> None:
    paul = person("paul")
    page = paul.page
    header(page, "risk").click()
    expect(page).to_have_url(re.compile("sort=-risk"))
    shows(page, paul.get("/proposals", sort="-risk", limit=5)["items"])
    editor = narrow(page, "Status")
    editor.get_by_label("Pending").check()
    expect(page).to_have_url(re.compile("decision=pending"))
    editor.get_by_role("button", name="Done").click()
    expect(page.locator("#add-filter")).to_be_focused()
    narrow(page, "Risk").get_by_label("From").fill("30")
    expect(page).to_have_url(re.compile("minRisk=30"))
    page.keyboard.press("Escape")
    expect(page.locator(".cs-pop")).to_have_count(0)
    wanted = paul.get("/proposals", sort="-risk", decision="pending", minRisk=30, limit=200)
    page.reload()
    paul.live()
    shows(page, wanted["items"])
    expect(page.locator("#total")).to_contain_text(f"{wanted['total']} proposal")
    expect(header(page, "risk")).to_have_attribute("aria-sort", "descending")
    chips = page.locator(".cs-chip")
    expect(chips).to_have_count(2)
    expect(chips.first).to_contain_text("Status is Pending")
    word = wanted["items"][0]["statement"]["party"].split()[0]
    page.locator("#matrix").click(position={"x": 5, "y": 5})
    page.keyboard.press("/")
    page.keyboard.type(word)
    expect(page).to_have_url(re.compile(f"q={word}"))
    found = paul.get("/proposals", sort="-risk", decision="pending", minRisk=30, q=word, limit=5)
    expect(page.locator("#total")).to_contain_text(f"{found['total']} proposal")
    page.keyboard.type(" nothing has these words")
    expect(page.get_by_role("heading", name="No proposal matches")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    everything = paul.get("/proposals", sort="-risk", limit=5)
    shows(page, everything["items"])
    expect(chips).to_have_count(0)


def test_list_when_a_link_names_it_then_it_is_shown_and_back_and_the_menu_lead_where_they_say(
    person: LogIn,
) -> None:
    paul = person("paul")
    page = go(paul, RISKY)
    wanted = paul.get("/proposals", sort="-risk", decision="pending", minRisk=30, limit=5)["items"]
    shows(page, wanted)
    row(page, 0).locator("[col-id='status']").click()
    page.locator(f".cs-sheet[data-proposal='{wanted[0]['id']}'] #say").wait_for()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(re.escape(RISKY) + "$"))
    shows(page, wanted)
    page.get_by_role("link", name="Inbox").first.click()
    expect(page).to_have_url(re.compile("/inbox"))
    page.go_back()
    shows(page, wanted)
    expect(page.locator(".cs-chip")).to_have_count(2)
    page.get_by_role("link", name="Matrix").first.click()
    expect(page.locator(".cs-chip")).to_have_count(0)
    shows(page, paul.get("/proposals", limit=5)["items"])


def test_export_when_the_list_is_narrowed_then_the_file_has_its_rows_order_and_columns(
    person: LogIn, tmp_path: Path
) -> None:
    paul = person("paul")
    page = go(paul, RISKY)
    titles = [
        title
        for title in page.locator(".ag-header-cell-text").all_inner_texts()
        if title not in {"", "Select"}
    ]
    with page.expect_download() as download:
        page.locator("#export").click()
    assert re.fullmatch(r"proposals-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    download.value.save_as(tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    wanted = paul.get("/proposals", sort="-risk", decision="pending", minRisk=30, limit=200)
    assert [line["Customer"] for line in lines] == [
        one["statement"]["party"] for one in wanted["items"]
    ]
    assert [int(line["Risk"]) for line in lines] == [
        one["risk"]["score"] for one in wanted["items"]
    ]
    assert [title for title in lines[0] if title != "Currency"] == titles


def test_list_when_somebody_decides_a_row_then_it_stays_in_its_place_until_the_list_is_read_again(
    person: LogIn,
) -> None:
    paul, petra = person("paul"), person("petra")
    page = go(paul, "/proposals?decision=pending")
    wanted = paul.get("/proposals", decision="pending", limit=8)["items"]
    shows(page, wanted)
    cards = (petra.get(f"/proposals/{one['id']}") for one in wanted[2:])
    decided = next(card for card in cards if card["yourTurn"])
    number = [one["id"] for one in wanted].index(decided["id"])
    row(page, 1).locator("[col-id='status']").focus()
    status, answer = petra.post(
        f"/proposals/{decided['id']}/decisions",
        {"kind": "reject", "digest": decided["digest"], "reason": "They have paid"},
    )
    assert status in {200, 201}, answer
    gone = row(page, number)
    expect(gone).to_have_attribute("row-id", decided["id"])
    expect(gone.locator("[col-id='status']")).to_contain_text("Rejected")
    expect(gone).to_have_class(re.compile(r"\bcs-done\b"))
    shows(page, wanted, len(wanted))
    page.reload()
    paul.live()
    shows(page, [one for one in wanted if one["id"] != decided["id"]])


def test_row_when_it_changes_under_a_pressed_button_then_the_press_still_counts(
    person: LogIn,
) -> None:
    paul, petra = person("paul"), person("petra")
    page = go(paul, "/proposals?decision=pending")
    [first, *_] = paul.get("/proposals", decision="pending", limit=1)["items"]
    pressed = page.locator(f".ag-row[row-id='{first['id']}']")
    pressed.get_by_role("checkbox").hover()
    page.mouse.down()
    status, answer = petra.post(
        f"/proposals/{first['id']}/comments", {"text": "I look into this one"}
    )
    assert status == 201, answer
    expect(pressed.first).to_have_class(re.compile(r"\bcs-flash\b"))
    page.mouse.up()
    expect(pressed.first).to_have_class(re.compile(r"\bcs-selected\b"))


def test_list_when_the_screen_is_narrow_then_cards_with_the_same_filters_fit_it(
    person: LogIn,
) -> None:
    paul = person("paul")
    paul.page.set_viewport_size({"width": 375, "height": 812})
    page = paul.page
    page.goto(page.url.partition("/proposals")[0] + RISKY)
    wanted = paul.get("/proposals", sort="-risk", decision="pending", minRisk=30, limit=5)["items"]
    cards = page.locator(".cs-pc")
    for number, one in enumerate(wanted):
        expect(cards.nth(number)).to_have_attribute("row-id", one["id"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator("#add-filter").click()
    panel = page.locator(".cs-pop").bounding_box()
    assert panel
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 375
    editor = page.locator(".cs-pop")
    editor.get_by_role("button", name="Requested by", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for target in page.locator(".cs-filters button, .cs-pop button, .cs-pop label").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 44, target.inner_text()
