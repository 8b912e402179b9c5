"""One running product for all browser tests: started by the command that a newcomer uses, ended after the last test."""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile
from backend.playbooks import overdue_invoices
from tests.e2e.chromium import ensure_chromium
from tests.e2e.outside import Outside
from tests.e2e.person import SOON, Account, Person
from tests.stack import Stack
from tests.waiting import eventually

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=SOON)  # a busy machine is late, not wrong


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.up()
    try:
        asyncio.run(look_at_every_invoice(running.demo))
        yield running
    finally:
        running.down()
        running.remove()


async def look_at_every_invoice(demo: DemoFile) -> None:
    """A run over all overdue invoices of the first organization, so that every kind of proposal waits."""
    async with httpx.AsyncClient(base_url=demo.api_url, timeout=30) as http:
        api = await DemoApi.log_in(http, demo.users[0].email, demo.users[0].password)
        run = await api.run_playbook(overdue_invoices.SLUG, {})

        async def completed() -> bool:
            return bool((await api.get(f"/runs/{run}"))["state"] == "completed")

        await eventually(completed, "every invoice was looked at", seconds=300)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = ensure_chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(executable), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def accounts(stack: Stack) -> Mapping[str, Account]:
    """The log-ins of the demo by first name; each logs in once."""
    return {u.email.split("@")[0]: Account(u.email, u.password) for u in stack.demo.users}


@pytest.fixture
def person(
    stack: Stack, browser: Browser, accounts: Mapping[str, Account]
) -> Iterator[Callable[[str], Person]]:
    """Somebody of the first demo organization, logged in in a browser of their own."""
    opened: list[Person] = []

    def log_in(name: str) -> Person:
        one = Person(browser, stack.demo.web_url, accounts[name])
        opened.append(one)
        return one

    yield log_in
    for one in opened:
        one.leave()


@pytest.fixture
def outside(stack: Stack) -> Iterator[Outside]:
    """The outside system's own answer about the first organization's account."""
    demo = stack.demo
    with Outside(demo.stripe_url, demo.stripe_keys[demo.users[0].organization]) as opened:
        yield opened
