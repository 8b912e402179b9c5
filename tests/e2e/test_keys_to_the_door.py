"""A second factor and a forgotten password, as the person meets them in the browser."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Account
from tests.stack import Stack

NEW = "a different horse, another battery"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser in which nobody has signed in."""
    opened = browser.new_context()
    yield opened.new_page()
    opened.close()


@pytest.fixture
def account(accounts: Mapping[str, Account], request: pytest.FixtureRequest) -> Iterator[Account]:
    """Whose sessions end here: who signs them in later begins anew."""
    found = accounts[request.param]
    yield found
    found.cookies, found.token = None, ""


@contextmanager
def program(stack: Stack, account: Account) -> Iterator[httpx.Client]:
    """A program of the account's owner."""
    with httpx.Client(base_url=f"{stack.demo.api_url}/api/v1", timeout=30) as http:
        login = {"email": account.email, "password": account.password}
        token = http.post("/auth/token", json=login).raise_for_status().json()["accessToken"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def fill(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)
    page.locator("form button[type=submit]").click()


@pytest.mark.parametrize("account", ["ana"], indirect=True)  # one has ten tries a minute
def test_login_when_there_is_a_second_factor_then_the_page_asks_for_its_code(
    stack: Stack, page: Page, account: Account
) -> None:
    proof = {"password": account.password}
    with program(stack, account) as http:
        secret = http.post("/me/totp", json=proof).raise_for_status().json()["secret"]
        confirmed = http.post("/me/totp/confirm", json={"code": pyotp.TOTP(secret).now()})
        codes = confirmed.raise_for_status().json()["recoveryCodes"]
        page.goto(f"{stack.demo.web_url}/login?next=/runs")
        expect(page.locator("#totp")).to_have_count(0)
        fill(page, email=account.email, password=account.password)
        expect(page.get_by_role("status")).to_contain_text("second factor")
        expect(page.locator("#email")).to_have_value(account.email)
        fill(page, password=account.password, totp="000000")
        expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
        fill(page, password=account.password, totp=codes[0])
        page.wait_for_url("**/runs")
        http.post("/me/totp/disable", json=proof).raise_for_status()


@pytest.mark.parametrize("account", ["hana"], indirect=True)
def test_password_when_it_is_forgotten_then_a_mailed_link_sets_another(
    stack: Stack, page: Page, account: Account
) -> None:
    page.goto(f"{stack.demo.web_url}/login")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    fill(page, email=account.email)
    expect(page.get_by_role("status")).to_contain_text("a link is on its way")
    found = re.findall(r"http\S+/reset\?token=\S+", stack.command("mail").stdout)
    page.goto(found[-1])
    expect(page.get_by_label("New password")).to_be_visible()
    fill(page, new=NEW)
    expect(page.get_by_role("status")).to_contain_text("new password is set")
    fill(page, email=account.email, password=NEW)
    page.wait_for_url("**/proposals")
    with program(stack, Account(account.email, NEW)) as http:
        back = {"password": NEW, "new": account.password}
        http.post("/me/password", json=back).raise_for_status()
