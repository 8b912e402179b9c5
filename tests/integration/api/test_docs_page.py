"""The page of the API's documentation in a browser that reaches nothing but this server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.chromium import ensure_chromium
from tests.fixtures.client import ServerProcess


@pytest.fixture
def page() -> Iterator[Page]:
    program = ensure_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield browser.new_page()
        browser.close()


def test_page_when_opened_offline_then_shows_every_operation_within_its_policy(
    server: ServerProcess, page: Page
) -> None:
    asked, complaints = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    reply = page.goto(f"{server.url}/schema/docs")
    assert reply is not None
    assert "script-src 'self';" in reply.headers["content-security-policy"]
    expect(page.locator(".opblock").first).to_be_visible(timeout=30_000)
    assert page.locator(".opblock").count() > 50
    page.locator(".opblock-summary", has_text="/api/v1/me/preferences").first.click()
    expect(page.locator(".response", has_text="429").first).to_be_visible()
    foreign = [url for url in asked if not url.startswith((server.url, "data:", "blob:"))]
    assert foreign == []
    assert complaints == []
