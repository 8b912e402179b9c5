"""An admin invites somebody, who comes in by the link of the mail, works, and is shown out again."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import Person
from tests.stack import Stack

LogIn = Callable[[str], Person]
PASSWORD = "a different horse, another battery"


@pytest.fixture
def guest(browser: Browser) -> Iterator[Page]:
    """A browser in which nobody has signed in."""
    opened = browser.new_context()
    yield opened.new_page()
    opened.close()


def invite(admin: Person, email: str, role: str) -> None:
    page = admin.page
    page.goto(f"{admin.url}/members")
    page.locator("#invite-open").click()
    page.locator("#invite-email").fill("vera@meridian.example")
    page.locator("#invite-now").click()
    expect(page.locator("#invite-mistake")).to_contain_text("belongs to the organization already")
    page.locator("#invite-email").fill(email)
    page.locator("#invite-role").select_option(role)
    page.locator("#invite").get_by_label("Receivables").check()
    page.locator("#invite-now").click()
    expect(page.locator(f"[data-invitation='{email}']")).to_contain_text("Viewer")
    expect(page.locator("#invite")).to_be_hidden()


def test_somebody_invited_comes_in_by_the_mail_and_is_nobody_once_removed(
    person: LogIn, stack: Stack, guest: Page
) -> None:
    admin, email = person("adam"), f"nora-{secrets.token_hex(3)}@people.example"
    invite(admin, email, "viewer")

    admin.page.get_by_role("link", name="Outbox", exact=True).click()
    link = admin.page.locator(f"[data-mail='{email}'] a")
    expect(link).to_be_visible()
    guest.goto(f"{stack.demo.web_url}{link.get_attribute('href')}")
    expect(guest.locator("#invited")).to_have_text(email)
    expect(guest.get_by_role("heading", level=1)).to_have_text("Join Meridian Supply (demo)")
    guest.locator("#name").fill("Nora New")
    guest.locator("#password").fill(PASSWORD)
    guest.locator("#join").click()
    guest.wait_for_url("**/proposals")
    guest.locator(".ag-row").first.wait_for()

    admin.page.goto(f"{admin.url}/members")
    line = admin.page.locator(f"[data-member='{email}']")
    expect(line.locator(".cs-places")).to_contain_text("Receivables")
    expect(admin.page.locator(f"[data-invitation='{email}']")).to_have_count(0)
    line.locator("> button").click()
    admin.page.locator("#remove-now").click()
    expect(line).to_have_count(0)
    refused = guest.request.get(f"{stack.demo.web_url}/api/v1/proposals")
    assert refused.status == 401
    expect(guest.get_by_role("alertdialog")).to_contain_text("session has ended")
    guest.locator("#sign-in").click()
    guest.wait_for_url("**/login?next=**")


def test_link_when_it_was_never_one_then_the_page_says_whom_to_ask(
    stack: Stack, guest: Page
) -> None:
    guest.goto(f"{stack.demo.web_url}/invite?token=invented")
    expect(guest.get_by_role("alert")).to_contain_text("send it again")
    expect(guest.locator("#join")).to_have_count(0)


def test_organization_when_an_admin_renames_it_then_everybody_sees_the_name(
    person: LogIn,
) -> None:
    admin, vera = person("adam"), person("vera")
    page = admin.page
    for name in ("Meridian Supplies (demo)", "Meridian Supply (demo)"):
        page.goto(f"{admin.url}/organization")
        page.locator("#name").fill(name)
        page.locator("#save-name").click()
        expect(page.locator(".cs-tenant .nm")).to_have_text(name)
        assert vera.get("/me")["organization"]["name"] == name
    expect(page.locator("#tier")).to_be_visible()
    vera.page.goto(f"{vera.url}/organization")
    expect(vera.page.get_by_text("This is not open to you")).to_be_visible()
    vera.page.locator("#leave-open").click()
    vera.page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    assert vera.get("/me")["organization"]["slug"] == "meridian"
