"""What somebody chooses in the settings holds on every page and in every browser of theirs."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.person import Person
from tests.stack import Stack

LogIn = Callable[[str], Person]


def test_theme_when_chosen_then_it_holds_after_a_reload_and_in_another_browser(
    person: LogIn, stack: Stack
) -> None:
    here, there = person("adam"), person("adam")
    here.page.goto(f"{stack.demo.web_url}/settings")
    dark = here.page.locator("[data-choice='theme-dark']")
    expect(dark).to_be_enabled()
    dark.click()
    root = here.page.locator("html")
    expect(root).to_have_class(re.compile("dark"))
    expect(dark).to_have_attribute("aria-pressed", "true")
    here.page.reload()
    expect(root).to_have_class(re.compile("dark"))
    there.page.goto(f"{stack.demo.web_url}/runs")
    expect(there.page.locator("html")).to_have_class(re.compile("dark"))
    here.page.locator("[data-choice='theme-system']").click()
    expect(root).not_to_have_class(re.compile("dark"))


def test_name_when_changed_then_the_shell_shows_it_and_an_empty_one_is_refused(
    person: LogIn, stack: Stack
) -> None:
    vera = person("vera")
    vera.page.goto(f"{stack.demo.web_url}/settings")
    name = vera.page.locator("#name")
    name.fill(" ")
    vera.page.locator("#save-name").click()
    expect(vera.page.locator("#name-error")).to_contain_text("Write the name")
    name.fill("Vera Vantage")
    vera.page.locator("#save-name").click()
    expect(vera.page.locator("#user-menu")).to_contain_text("Vera Vantage")
    assert vera.get("/me")["user"]["name"] == "Vera Vantage"


def test_usage_when_the_page_is_opened_then_tier_and_quotas_stand_there(
    person: LogIn, stack: Stack
) -> None:
    adam = person("adam")
    adam.page.goto(f"{stack.demo.web_url}/settings")
    expect(adam.page.locator("#tier")).to_have_text("Enterprise")
    expect(adam.page.locator("[data-quota='Connections']")).to_contain_text("1 of 100")
    expect(adam.page.locator("[data-quota='People']")).to_contain_text("no limit")
    calls = adam.page.locator("[data-quota='Calls of the API this month']")
    expect(calls).to_contain_text("of 100,000,000")
