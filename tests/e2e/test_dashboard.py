"""Every number of the dashboard is the number of the rows that it leads to."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.stack import Stack

LogIn = Callable[[str], Person]


def total(person: Person, url: str, address: str) -> int:
    query = urlsplit(address).query
    reply = person.page.request.get(f"{url}/api/v1/proposals?{query}&limit=1")
    assert reply.ok, (query, reply.text())
    return int(reply.json()["total"])


def test_figures_when_their_links_are_asked_over_rest_then_the_totals_are_the_same(
    person: LogIn, stack: Stack
) -> None:
    url, adam = stack.demo.web_url, person("adam")
    adam.page.goto(f"{url}/dashboard?days=7")
    adam.page.locator("[data-value]").first.wait_for()
    shown = {one["id"]: one for one in adam.get("/analytics/overview", days=7)["figures"]}
    figures = adam.page.locator("[data-figure]").all()
    assert len(figures) == len(shown)
    for figure in figures:
        one = shown[figure.get_attribute("data-figure") or ""]
        leads = figure.locator("a.to")
        if leads.count():
            assert total(adam, url, leads.get_attribute("href") or "") == one["n"], one


def test_bars_when_they_are_asked_over_rest_then_the_totals_are_the_same(
    person: LogIn, stack: Stack
) -> None:
    url, adam = stack.demo.web_url, person("adam")
    adam.page.goto(f"{url}/dashboard")
    bars = adam.page.locator(".cs-bars a")
    bars.first.wait_for()
    assert bars.count() > 4
    for bar in bars.all():
        count = int((bar.get_attribute("data-count") or "").replace(",", ""))
        assert total(adam, url, bar.get_attribute("href") or "") == count


def test_period_when_another_is_chosen_then_the_address_names_it(
    person: LogIn, stack: Stack
) -> None:
    adam = person("adam")
    adam.page.goto(f"{stack.demo.web_url}/dashboard")
    period = adam.page.get_by_role("navigation", name="Period")
    period.get_by_text("90 days").click()
    expect(period.locator("[aria-current='true']")).to_have_text("90 days")
    assert adam.page.url.endswith("?days=90")
