"""The product loses its processes while a proposal waits, and the demo's walk still ends well."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.outside import Outside
from tests.e2e.person import SOON, Person
from tests.stack import Stack

pytestmark = pytest.mark.long

REMINDER = "stripe.invoice.send_reminder"


def test_kill_when_a_proposal_waits_then_it_goes_on_and_runs_once(
    stack: Stack, person: Callable[[str], Person], outside: Outside
) -> None:
    paul = person("paul")
    card = paul.choose(REMINDER)
    pids = stack.demo.pids
    for name in ("worker", "web"):
        os.kill(pids[name], signal.SIGKILL)
    again = stack.command("up", "--detach")
    assert (again.returncode, "healthy again" in again.stdout) == (0, True), again.stderr
    expect(paul.page.locator("[data-connection='live']").first).to_be_visible(timeout=2 * SOON)
    sheet = paul.open(card["id"])
    sheet.locator("#approve").click()
    expect(sheet).to_contain_text("Ran exactly what was approved", timeout=2 * SOON)
    effect: dict[str, Any] = paul.get(f"/proposals/{card['id']}")["effect"]
    assert outside.events_under(effect["idempotencyKey"]) == ["invoice.sent"]


def test_demo_command_when_the_stack_runs_then_the_main_job_ends_as_the_card_said(
    stack: Stack,
) -> None:
    walked = stack.command("demo")
    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert "Stripe is what the card said" in walked.stdout


def test_start_when_it_runs_already_then_one_sentence_and_nothing_broken(stack: Stack) -> None:
    before = stack.demo
    twice = stack.command("up", "--detach")
    assert twice.returncode != 0
    assert "already running" in twice.stderr
    assert stack.demo == before
