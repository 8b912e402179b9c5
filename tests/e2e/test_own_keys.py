"""One's own keys in the browser: an API key from its making to its end, and a second factor from on to off."""

from collections.abc import Callable, Iterator, Mapping

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Account, Person
from tests.stack import Stack

LogIn = Callable[[str], Person]


def me(stack: Stack, key: str) -> int:
    """What a program with this key is answered."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{stack.demo.api_url}/api/v1/proposals?limit=1", headers=headers).status_code


def shown(page: Page) -> str:
    """The secret that the page shows, read and put away."""
    secret = page.locator("#new-key")
    expect(secret).to_be_visible()
    text = secret.inner_text()
    page.locator("#key-kept").click()
    expect(secret).to_have_count(0)
    return text


def test_key_when_made_rotated_and_revoked_then_it_opens_the_api_for_exactly_so_long(
    stack: Stack, person: LogIn
) -> None:
    page = person("adam").page
    page.goto(f"{stack.demo.web_url}/settings/keys")
    page.locator("#make-key").click()
    expect(page.locator("#key-mistake")).to_contain_text("Write a name")
    page.locator("#key-name").fill("Nightly report")
    page.locator("#make-key").click()
    expect(page.locator("#key-mistake")).to_contain_text("at least one permission")
    page.locator("[name='proposals:read']").check()
    page.locator("#key-reach").select_option("team")
    page.locator("#make-key").click()
    first = shown(page)
    line = page.locator("[data-key='Nightly report']")
    expect(line).to_contain_text("Never used")
    line.locator("summary").click()
    expect(line).to_contain_text("Read proposals of the teams")
    assert first not in page.content()
    assert me(stack, first) == 200

    line.get_by_role("button", name="Rotate").click()
    page.locator("#rotate-key-now").click()
    second = shown(page)
    assert (me(stack, first), me(stack, second)) == (401, 200)

    line.get_by_role("button", name="Revoke").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Revoke Nightly report?")
    question.get_by_role("button", name="Keep").click()
    assert me(stack, second) == 200
    line.get_by_role("button", name="Revoke").click()
    page.locator("#revoke-key-now").click()
    expect(line).to_have_count(0)
    assert me(stack, second) == 401


def test_keys_when_one_may_not_see_them_then_the_page_says_which_permission_is_needed(
    stack: Stack, person: LogIn
) -> None:
    page = person("ana").page
    page.goto(f"{stack.demo.web_url}/settings/keys")
    closed = page.get_by_text("API keys are not open to you")
    expect(closed).to_be_visible()
    expect(page.locator("#make-key")).to_have_count(0)


@pytest.fixture
def account(accounts: Mapping[str, Account], request: pytest.FixtureRequest) -> Iterator[Account]:
    """Whose sessions end here: who signs them in later begins anew."""
    found = accounts[request.param]
    found.cookies = None
    yield found
    found.cookies, found.token = None, ""


@pytest.fixture
def page(stack: Stack, browser: Browser, account: Account) -> Iterator[Page]:
    """A browser in which they have signed in."""
    one = Person(browser, stack.demo.web_url, account)
    yield one.page
    one.leave()


@pytest.mark.parametrize("account", ["hugo"], indirect=True)  # one has ten tries a minute
def test_second_factor_when_turned_on_in_the_browser_then_signing_in_asks_for_its_code(
    stack: Stack, browser: Browser, page: Page, account: Account
) -> None:
    password, email = account.password, account.email
    page.goto(f"{stack.demo.web_url}/settings/security")
    page.locator("#proof").fill("not the password")
    page.locator("#begin-totp").click()
    expect(page.get_by_role("alert")).to_contain_text("not your present password")
    page.locator("#proof").fill(password)
    page.locator("#begin-totp").click()
    secret = page.locator("#totp-secret")
    expect(secret).to_be_visible()
    phone = pyotp.TOTP(secret.inner_text().replace(" ", ""))
    expect(page.locator(".cs-qr")).to_be_visible()
    page.locator("#totp-code").fill("000000")
    page.locator("#confirm-totp").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    page.locator("#totp-code").fill(phone.now())
    page.locator("#confirm-totp").click()
    expect(page.locator("#totp-on")).to_be_visible()
    expect(page.get_by_text("You have no recovery codes")).to_be_visible()

    page.locator("#proof").fill(password)
    page.locator("#make-codes").click()
    codes = page.locator("#recovery-codes li")
    expect(codes).to_have_count(10)
    code = codes.first.inner_text()
    page.locator("#codes-kept").click()
    expect(codes).to_have_count(0)
    expect(page.locator("#codes-left")).to_contain_text("10 recovery codes")
    page.reload()
    expect(page.locator("#totp-on")).to_be_visible()
    assert code not in page.content()

    there = browser.new_context()
    door = there.new_page()
    door.goto(f"{stack.demo.web_url}/login")
    for typed in ({}, {"totp": code}):
        for name, value in {"email": email, "password": password, **typed}.items():
            door.locator(f"#{name}").fill(value)
        door.locator("#login").click()
        if not typed:
            expect(door.locator("#totp")).to_be_visible()
    door.wait_for_url("**/proposals")
    there.close()

    page.locator("#proof-end").fill(password)
    page.locator("#end-totp").click()
    expect(page.get_by_text("Your password alone signs you in.")).to_be_visible()
    expect(page.locator("#begin-totp")).to_be_visible()


@pytest.mark.parametrize("account", ["paul"], indirect=True)
def test_password_when_changed_in_the_browser_then_it_goes_on_and_the_others_are_out(
    stack: Stack, page: Page, account: Account
) -> None:
    password = account.password
    other, new = account.token, "a different horse, another battery"
    headers = {"Authorization": f"Bearer {other}"}
    for present, wished in ((password, new), (new, password)):
        page.goto(f"{stack.demo.web_url}/settings/security")
        page.locator("#password-now").fill(present)
        page.locator("#password-new").fill(wished)
        page.locator("#change-password").click()
        expect(page.get_by_text("Your new password holds.")).to_be_visible()
        expect(page.locator("#user-menu")).to_be_visible()
    assert httpx.get(f"{stack.demo.api_url}/api/v1/me", headers=headers).status_code == 401
