"""One running product for all browser tests: started by the command that a newcomer uses, ended after the last test."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from backend.core.settings import process_environment
from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks import overdue_invoices
from tests.e2e.chromium import ensure_chromium
from tests.e2e.outside import Outside
from tests.e2e.person import Person
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Stack:
    """The product as `make up DETACH=1` starts it, with a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self._file = state / "demo.json"
        self._environ = {**process_environment(), "COUNTERSIGN_STATE_DIR": str(state)}

    @property
    def demo(self) -> DemoFile:
        return msgspec.json.decode(self._file.read_bytes(), type=DemoFile)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", *words],
            cwd=ROOT,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    state = tmp_path_factory.mktemp("stack")
    running = Stack(state)
    started = running.command("up", "--detach")
    assert started.returncode == 0, started.stdout + started.stderr
    asyncio.run(_look_at_every_invoice(running.demo))
    yield running
    ended = running.command("down")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    shutil.rmtree(
        EmbeddedPostgres(state / "postgres").home
    )  # below a closed folder it lies elsewhere


async def _look_at_every_invoice(demo: DemoFile) -> None:
    """A run over all overdue invoices of the first organization, so that every kind of proposal waits."""
    async with httpx.AsyncClient(base_url=demo.api_url, timeout=30) as http:
        api = await DemoApi.log_in(http, demo.users[0].email, demo.users[0].password)
        run = await api.run_playbook(overdue_invoices.SLUG, {})

        async def completed() -> bool:
            return bool((await api.get(f"/runs/{run}"))["state"] == "completed")

        await eventually(completed, "every invoice was looked at", seconds=150)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(ensure_chromium()), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def person(stack: Stack, browser: Browser) -> Iterator[Callable[[str], Person]]:
    """Somebody of the first demo organization, logged in in a browser of their own."""
    opened: list[Person] = []

    def log_in(name: str) -> Person:
        demo = stack.demo
        user = next(u for u in demo.users if u.email.startswith(f"{name}@"))
        one = Person(browser, demo.web_url, user.email, user.password)
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
