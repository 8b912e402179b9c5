"""Short messages and the command palette: what is said in passing, and what is reached without a mouse."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]


def test_message_when_an_act_is_not_open_then_says_why_waits_under_the_pointer_and_goes(
    person: LogIn,
) -> None:
    paul = person("paul")
    mine = next(row for row in paul.get("/proposals", limit=200)["items"] if row["yourTurn"])
    reason = paul.get(f"/proposals/{mine['id']}")["canWithdraw"]["reason"]
    sheet, page = paul.open(mine["id"]), paul.page
    expect(sheet.locator("#withdraw")).to_be_disabled()
    for _ in range(5):
        page.keyboard.press("w")
    messages = page.locator(".cs-toast")
    expect(messages).to_have_count(3)
    expect(messages.first).to_have_role("status")
    expect(messages.last).to_contain_text(reason, ignore_case=True)
    messages.last.hover()
    expect(messages).to_have_count(1)
    messages.get_by_role("button", name="Close").click()
    expect(messages).to_have_count(0)


def test_palette_when_words_are_typed_then_the_keyboard_finds_and_opens_the_proposal(
    person: LogIn,
) -> None:
    paul = person("paul")
    page = paul.page
    wanted = paul.get("/proposals", limit=1)["items"][0]
    page.locator("#search").focus()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or run a command")
    field, options = palette.get_by_role("combobox"), palette.get_by_role("option")
    expect(options.filter(has_text="Playbooks").first).to_be_visible()
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type(wanted["target"]["label"])
    first = options.first
    expect(first).to_contain_text(wanted["target"]["label"])
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    page.keyboard.press("Enter")
    sheet = page.locator(".cs-sheet")
    expect(sheet).to_contain_text(wanted["target"]["label"])
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(sheet).to_be_visible()
