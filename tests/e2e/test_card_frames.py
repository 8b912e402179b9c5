"""The card as a sheet beside the matrix, as a page on a phone, and where an address names no proposal."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]

NOBODY = "01999999-0000-7000-8000-000000000000"
TABS = {
    "Reasoning": "The agent says it is",
    "Evidence": "Supports:",
    "Policy": "Who signs",
    "Cost and trace": "Open the run",
    "History": "Proposed",
    "Change": "What will be different",
}


def sheet_of(person: Person) -> Locator:
    return person.page.locator(".cs-sheet")


def row(person: Person, number: int) -> Locator:
    return person.page.locator(f".ag-row[row-index='{number}'][row-id]").first


def open_row(person: Person, number: int) -> str:
    """Click a row of the grid; the id of the proposal whose card is there then."""
    proposal = row(person, number).get_attribute("row-id") or ""
    row(person, number).locator("[col-id='status']").click()
    person.page.locator(f".cs-sheet[data-proposal='{proposal}'] .cs-decide").wait_for()
    return proposal


def edges(shown: Locator) -> tuple[int, int, int, int]:
    shown.evaluate("e => Promise.all(e.getAnimations().map((one) => one.finished))")
    box = shown.bounding_box()
    assert box
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return round(box["x"]), round(box["y"]), round(right), round(bottom)


def has_focus(person: Person, proposal: str) -> None:
    focused = person.page.locator(f"[row-id='{proposal}']").locator(":focus")
    expect(focused).to_have_count(1)


def test_card_when_opened_then_every_tab_speaks_and_the_data_can_be_read(person: LogIn) -> None:
    paul = person("paul")
    paul.page.goto(f"{paul.url}/proposals?decision=pending")
    paul.live()
    proposal = open_row(paul, 0)
    sheet, card = sheet_of(paul), paul.get(f"/proposals/{proposal}")
    for number, (name, words) in enumerate(TABS.items()):
        if number % 2:
            sheet.get_by_role("tab", name=name).click()
        else:
            paul.page.keyboard.press(str(list(TABS).index(name) + 2 if name != "Change" else 1))
        expect(sheet.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(sheet).to_contain_text(words)
    sheet.get_by_text("As data").click()
    expect(sheet.locator("pre")).to_contain_text(card["action"])
    expect(sheet.locator("#copy-raw")).to_be_visible()
    reason = card["canWithdraw"]["reason"]
    assert reason
    expect(sheet.locator("#withdraw")).to_contain_text(reason, ignore_case=True)


def test_card_when_it_is_left_in_any_way_then_the_row_has_the_keyboard_again(
    person: LogIn,
) -> None:
    paul = person("paul")
    ways: list[Callable[[], None]] = [
        lambda: paul.page.keyboard.press("Escape"),
        lambda: paul.page.locator("#close").click(),
        lambda: paul.page.locator(".cs-scrim").click(position={"x": 20, "y": 400}),
    ]
    for number, leave in enumerate(ways):
        proposal = open_row(paul, number)
        leave()
        expect(sheet_of(paul)).to_have_count(0)
        has_focus(paul, proposal)


def test_card_when_one_steps_on_and_back_then_it_stays_open_and_says_where_it_is(
    person: LogIn,
) -> None:
    paul = person("paul")
    first, second = open_row(paul, 0), row(paul, 1).get_attribute("row-id")
    sheet = sheet_of(paul)
    expect(sheet.locator(".trail")).to_contain_text("1 of ")
    paul.page.evaluate("window.sameDocument = true")
    paul.page.keyboard.press("j")
    expect(sheet).to_have_attribute("data-proposal", second or "")
    expect(sheet.locator(".trail")).to_contain_text("2 of ")
    sheet.get_by_role("button", name="Previous proposal").click()
    expect(sheet).to_have_attribute("data-proposal", first)
    expect(sheet.get_by_role("button", name="Previous proposal")).to_be_disabled()
    assert paul.page.evaluate("window.sameDocument") is True
    assert paul.page.url.endswith(first)


def test_card_when_the_screen_is_a_phone_then_it_is_a_page_with_a_way_back(person: LogIn) -> None:
    paul = person("paul")
    paul.page.set_viewport_size({"width": 375, "height": 812})
    paul.page.reload()
    paul.page.locator(".cs-pc").first.click()
    sheet = sheet_of(paul)
    sheet.locator(".cs-decide").wait_for()
    expect(sheet.locator(".bar").first).to_contain_text("1 of ")
    assert edges(sheet) == (0, 0, 375, 812)
    assert edges(sheet.locator(".cs-decide"))[3] == 812
    assert sheet.evaluate("e => e.scrollWidth") == 375
    buttons = [*sheet.locator(".cs-decide button:visible, .cs-tabs button, #back").all()]
    heights = {one.inner_text(): edges(one)[3] - edges(one)[1] for one in buttons}
    assert min(heights.values()) >= 44, heights
    sheet.locator("#back").click()
    expect(sheet).to_have_count(0)
    expect(paul.page.locator(".cs-pc").first).to_be_visible()


def test_address_when_it_names_nothing_then_the_page_says_so_and_leads_back(person: LogIn) -> None:
    paul = person("paul")
    origin = paul.page.url.removesuffix("/proposals")
    paul.page.goto(f"{origin}/proposals/{NOBODY}")
    expect(sheet_of(paul)).to_contain_text("There is no such proposal")
    paul.page.get_by_role("button", name="Back to the matrix").click()
    expect(sheet_of(paul)).to_have_count(0)
    paul.page.goto(f"{origin}/runs/{NOBODY}")
    expect(paul.page.get_by_text("There is no such run")).to_be_visible()
    answer = paul.page.goto(f"{origin}/no/such/page")
    assert answer
    assert answer.status == 404
    expect(paul.page.get_by_text("Nothing is here")).to_be_visible()
