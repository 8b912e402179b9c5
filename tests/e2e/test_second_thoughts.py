"""What the requester may still do with a proposal of their own, in the browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.outside import Outside
from tests.e2e.person import Person

pytestmark = pytest.mark.long

LogIn = Callable[[str], Person]

REMINDER = "stripe.invoice.send_reminder"


def test_withdrawal_when_the_requester_gives_a_reason_then_everybody_sees_it_and_the_run_ends(
    person: LogIn, outside: Outside
) -> None:
    ana, paul = person("ana"), person("paul")
    card = ana.choose(REMINDER)
    before = outside.invoice(card["target"]["sourceId"])
    paul.look_up(card["target"]["label"])
    paul.sees(card["id"], "Your turn")
    sheet = ana.open(card["id"])
    expect(sheet.locator("#withdraw")).to_be_enabled()
    ana.page.keyboard.press("w")
    sheet.locator("#reason").fill("They pay on Friday")
    sheet.locator("#confirm").click()
    expect(sheet).to_contain_text("Withdrawn by Ana")
    expect(sheet).to_contain_text("They pay on Friday")
    paul.sees(card["id"], "Withdrawn")
    after = paul.get(f"/proposals/{card['id']}")
    assert (after["decision"], after["execution"], after["effect"]) == ("withdrawn", "none", None)
    assert outside.invoice(card["target"]["sourceId"]) == before


def test_withdrawal_when_it_is_not_ones_own_run_then_the_card_says_who_can(person: LogIn) -> None:
    petra = person("petra")
    card = petra.choose(REMINDER)
    sheet = petra.open(card["id"])
    expect(sheet.locator("#withdraw")).to_be_disabled()
    expect(sheet.locator("#withdraw")).to_have_attribute("title", re.compile("Only who started"))
    assert card["canWithdraw"]["allowed"] is False
