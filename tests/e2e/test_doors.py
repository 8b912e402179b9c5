"""Coming in, being refused, going out, and the end of a session while a card is open."""

from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.person import Account, Person
from tests.stack import Stack

LogIn = Callable[[str], Person]


@pytest.fixture
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A browser in which nobody has signed in."""
    opened = browser.new_context()
    yield opened
    opened.close()


def sign_in(page: Page, email: str, password: str) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("#login").click()


def test_login_when_it_was_refused_then_says_nothing_more_keeps_the_address_and_comes_back(
    stack: Stack, stranger: BrowserContext, accounts: Mapping[str, Account]
) -> None:
    vera, page = accounts["vera"], stranger.new_page()
    for email in (vera.email, "nobody@meridian.example"):
        page.goto(f"{stack.demo.web_url}/runs?state=completed")
        page.wait_for_url("**/login?next=**")
        sign_in(page, email, "not this one")
        refusal = page.get_by_role("alert")
        expect(refusal).to_have_text(
            "We could not sign you in with this address and password. "
            "Check both, or ask an admin of your organization."
        )
        expect(page.locator("#email")).to_have_value(email)
        assert email not in page.url
    sign_in(page, vera.email, vera.password)
    page.wait_for_url("**/runs?state=completed")
    expect(page.locator("#runs-state")).to_have_value("completed")
    page.locator("#user-menu").click()
    page.locator("#logout").click()
    page.wait_for_url("**/login")
    page.goto(f"{stack.demo.web_url}/playbooks")
    page.wait_for_url("**/login?next=**playbooks")


def test_login_when_it_is_sent_before_the_page_is_alive_then_is_remembered_all_the_same(
    stack: Stack, stranger: BrowserContext, accounts: Mapping[str, Account]
) -> None:
    vera, page = accounts["vera"], stranger.new_page()
    slow = "**/assets/**"  # the scripts of the app, not what is early
    page.route(slow, lambda route: route.abort())
    page.goto(f"{stack.demo.web_url}/login?next=/runs?state=completed")
    page.unroute(slow)
    sign_in(page, vera.email, "not this one")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#email")).to_have_value(vera.email)
    sign_in(page, vera.email, vera.password)
    page.wait_for_url("**/runs?state=completed")


def test_session_when_it_ends_elsewhere_then_the_page_says_so_and_the_same_card_comes_back(
    stack: Stack, browser: Browser, accounts: Mapping[str, Account]
) -> None:
    known = accounts["petra"]
    petra = Person(browser, stack.demo.web_url, Account(known.email, known.password))
    page = petra.page
    card = petra.get("/proposals", limit=1)["items"][0]
    address = f"{stack.demo.web_url}/proposals/{card['id']}?from=mail"
    page.goto(address)
    page.locator(".cs-decide").wait_for()
    petra.live()

    end_session(stack.demo.web_url, page)

    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Your session has ended")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(page.locator("#say")).to_contain_text(card["statement"]["party"])
    dialog.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/login?next=**")
    sign_in(page, known.email, known.password)
    page.wait_for_url(address)
    expect(page.locator("#say")).to_contain_text(card["statement"]["party"])
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    petra.leave()


def end_session(url: str, page: Page) -> None:
    """Log out as another tab would, without this page's doing."""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    headers = {"Origin": url, "Accept": "application/json"}
    reply = httpx.post(f"{url}/auth/logout", cookies=cookies, headers=headers)
    assert reply.status_code == 204, reply.text
