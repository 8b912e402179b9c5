"""A view of the list is kept, shared with a team, found again after a reload, and put away."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]
NAME = "Large reminders"


def test_view_when_saved_and_shared_then_both_find_list_order_and_columns_again(
    person: LogIn,
) -> None:
    paul = person("paul")
    page = paul.page
    page.goto(f"{paul.url}/proposals?decision=pending&minRisk=10&sort=-amount")
    paul.live()
    page.locator("#columns").click()
    page.locator("[data-column='party'] input").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("[col-id='party']")).to_have_count(0)
    page.locator("#save-view").click()
    page.locator("#view-name").fill(NAME)
    page.locator("#view-team").select_option(index=1)
    page.locator("#keep-view").click()
    tab = page.locator(".cs-views button", has_text=NAME)
    expect(tab).to_have_attribute("aria-pressed", "true")
    kept = next(one for one in paul.get("/views")["items"] if one["name"] == NAME)
    assert (kept["filter"]["minRisk"], kept["sort"]) == (10, "-amount")

    page.reload()
    paul.live()
    expect(tab).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-term='minRisk']")).to_be_visible()
    expect(page.locator(".ag-header-cell[col-id='amount']")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page.locator("[col-id='party']")).to_have_count(0)

    page.get_by_role("button", name="Remove the filter Risk").click()
    expect(page.get_by_text("Changed", exact=True)).to_be_visible()
    page.locator("#view-menu").click()
    page.get_by_role("button", name="Change view").click()
    page.locator("#view-name").fill(f"{NAME}, renamed")
    page.locator("#keep-view").click()
    expect(page.locator(".cs-views")).to_contain_text("renamed")
    assert paul.get("/views")["items"][0]["filter"]["minRisk"] == 10
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[data-term='minRisk']")).to_be_visible()

    for name, finds in (("petra", 1), ("hana", 0)):
        other = person(name)
        expect(other.page.locator("[data-view='all']")).to_contain_text("Everything")
        assert sum(one["id"] == kept["id"] for one in other.get("/views")["items"]) == finds
        expect(other.page.locator(f"[data-view='{kept['id']}']")).to_have_count(finds)

    page.locator("#view-menu").click()
    page.locator("#remove-view").click()
    page.keyboard.press("Escape")
    page.locator("#view-menu").click()
    page.locator("#remove-view").click()
    expect(page.locator("#remove-view")).to_contain_text("for everybody")
    page.locator("#remove-view").click()
    expect(tab).to_have_count(0)
    expect(page.locator("[data-view='all']")).to_have_attribute("aria-pressed", "true")
    assert all(one["id"] != kept["id"] for one in paul.get("/views")["items"])
