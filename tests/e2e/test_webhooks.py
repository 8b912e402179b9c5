"""A change in the outside system arrives by itself: the demo is told of it by signed webhooks."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.outside import Outside
from tests.e2e.person import SOON, Person


def test_invoice_when_it_is_overdue_outside_then_becomes_a_proposal_without_anybody_syncing(
    person: Callable[[str], Person], outside: Outside
) -> None:
    adam = person("adam")
    trigger = adam.trigger("Overdue invoices", "record_changed")
    trigger.click()
    expect(trigger).to_be_checked()
    adam.look_up("Fjordline Ferries")
    made = outside.overdue_invoice(days=40)
    row = adam.page.locator(".ag-row").filter(has_text="Fjordline Ferries")
    expect(row).to_be_visible(timeout=2 * SOON)
    [proposal] = adam.get("/proposals", q="Fjordline Ferries")["items"]
    assert proposal["target"]["sourceId"] == made
    assert proposal["requestedBy"]["name"] == "Adam Admin"
    trigger = adam.trigger("Overdue invoices", "record_changed")
    trigger.click()
    expect(trigger).not_to_be_checked()


def test_schedule_when_switched_on_then_the_page_says_in_whose_name_and_when_it_runs_next(
    person: Callable[[str], Person],
) -> None:
    adam = person("adam")
    trigger = adam.trigger("Duplicate customers", "schedule")
    trigger.click()
    expect(trigger.locator("xpath=..")).to_contain_text("In the name of Adam Admin, next")
    trigger.click()
    expect(trigger).not_to_be_checked()
