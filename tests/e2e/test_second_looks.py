"""Edits, questions, delegation, the hold, an unknown outcome and the undo, as people do them in browsers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.losing import lose_sight
from tests.e2e.outside import Outside
from tests.e2e.person import Person
from tests.stack import Stack

pytestmark = pytest.mark.long

LogIn = Callable[[str], Person]

CREDIT = "stripe.credit_note.create"
REMINDER = "stripe.invoice.send_reminder"
DONE = "Ran exactly what was approved"


BUTTONS = {
    "a": "approve",
    "d": "delegate",
    "e": "edit",
    "q": "ask",
    "u": "undo",
    "z": "take-back",
}


def press(person: Person, key: str) -> None:
    """Press a key of the card once its act is offered."""
    expect(person.page.locator(f"#{BUTTONS[key]}")).to_be_enabled()
    person.page.keyboard.press(key)


def test_edit_when_the_amount_is_lowered_then_somebody_else_signs_it_and_that_much_runs(
    person: LogIn, outside: Outside
) -> None:
    paul, petra = person("paul"), person("petra")
    card = paul.choose(CREDIT)
    source, drafted = card["target"]["sourceId"], card["amount"]["minor"]
    before = outside.invoice(source)
    sheet = paul.open(card["id"])
    press(paul, "e")
    amount, save = sheet.get_by_label("Amount"), sheet.locator("#save-edit")
    amount.fill("100.001")
    expect(sheet).to_contain_text("USD has 2 decimals.")
    amount.fill(f"{before['amount_remaining']}")  # a hundred times as much as there is to pay
    expect(sheet).to_contain_text("is left to pay; credit no more than that.")
    expect(save).to_be_disabled()
    lowered = drafted - 1_001
    amount.fill(f"{lowered // 100}.{lowered % 100:02}")
    expect(sheet).to_contain_text("passes every check")
    shown = f"{lowered // 100:,}.{lowered % 100:02}"
    expect(sheet.locator("h1")).to_contain_text(shown)
    sheet.get_by_label("Edit because").fill("One board was used")
    save.click()
    expect(sheet).to_contain_text("Revision 2 by Paul Approver")
    edited = paul.get(f"/proposals/{card['id']}")
    assert (edited["revision"], edited["amount"]["minor"]) == (2, lowered)
    assert edited["digest"] != card["digest"]
    expect(sheet).to_contain_text(edited["digest"][:4])
    second = petra.open(card["id"])
    expect(second.locator("h1")).to_contain_text(shown)
    second.locator("#approve").click()
    expect(second).to_contain_text(DONE)
    after = outside.invoice(source)
    assert after["amount_remaining"] == before["amount_remaining"] - lowered
    assert lowered in [note["amount"] for note in outside.notes_of(source)]


def test_edit_when_it_raises_the_amount_then_its_author_cannot_sign_it(person: LogIn) -> None:
    paul, petra = person("paul"), person("petra")
    card = paul.choose(CREDIT)
    raised = card["amount"]["minor"] + 100
    sheet = paul.open(card["id"])
    sheet.locator("#edit").click()
    sheet.get_by_label("Amount").fill(f"{raised // 100}.{raised % 100:02}")
    sheet.get_by_label("Edit because").fill("They agreed on more")
    sheet.locator("#save-edit").click()
    expect(sheet).to_contain_text("You wrote this revision and it does not lower the amount")
    expect(sheet.locator("#approve")).to_be_disabled()
    theirs = petra.open(card["id"])
    press(petra, "a")
    expect(theirs).to_contain_text(DONE)


def test_edit_when_put_aside_then_what_was_typed_is_still_there(person: LogIn) -> None:
    petra = person("petra")
    card = petra.choose(CREDIT)
    sheet = petra.open(card["id"])
    press(petra, "e")
    sheet.get_by_label("Memo").fill("Goodwill")
    expect(sheet).to_contain_text("passes every check")
    petra.page.keyboard.press("Escape")
    expect(sheet.locator("#approve")).to_be_enabled()
    press(petra, "e")
    expect(sheet.get_by_label("Memo")).to_have_value("Goodwill")
    sheet.locator("#discard-edit").click()
    expect(sheet.locator("#approve")).to_be_enabled()
    assert petra.get(f"/proposals/{card['id']}")["revision"] == 1


def test_question_when_asked_then_the_answer_arrives_with_evidence_and_without_a_reload(
    person: LogIn,
) -> None:
    paul = person("paul")
    card = paul.choose(REMINDER)
    sheet = paul.open(card["id"])
    paul.page.evaluate("window.sameDocument = true")
    press(paul, "q")
    sheet.get_by_label("Ask the agent").fill("What is the status of the invoice?")
    sheet.locator("#confirm").click()
    expect(sheet.get_by_role("tab", name=re.compile("1 question"))).to_be_visible()
    expect(sheet).to_contain_text("What is the status of the invoice?")
    expect(sheet).to_contain_text("Answered")
    asked = paul.get(f"/proposals/{card['id']}")["questions"][0]
    assert asked["state"] == "answered"
    expect(sheet).to_contain_text(asked["answer"])
    for item in asked["evidence"]:
        expect(sheet).to_contain_text(item["title"])
    assert paul.page.evaluate("window.sameDocument") is True


def test_delegation_when_given_then_the_receiver_sees_whose_signature_it_is(person: LogIn) -> None:
    paul, petra = person("paul"), person("petra")
    card = paul.choose(REMINDER)
    sheet = paul.open(card["id"])
    press(paul, "d")
    sheet.get_by_label("Give your signature to").select_option("Petra Approver")
    sheet.locator("#confirm").click()
    expect(sheet).to_contain_text("You gave your signature to Petra Approver")
    expect(sheet.locator("#approve")).to_be_disabled()
    theirs = petra.open(card["id"])
    expect(theirs).to_contain_text("Paul Approver gave their signature to you")
    press(petra, "a")
    expect(theirs).to_contain_text(DONE)


def test_comment_when_said_then_the_history_shows_it_to_everybody(person: LogIn) -> None:
    paul, ana = person("paul"), person("ana")
    card = paul.choose(REMINDER)
    theirs = ana.open(card["id"])
    theirs.get_by_role("tab", name="History").click()
    sheet = paul.open(card["id"])
    sheet.get_by_role("tab", name="History").click()
    sheet.get_by_label("Comment").fill("I have called them")
    sheet.locator("#send-comment").click()
    expect(sheet.get_by_label("Comment")).to_have_value("")
    expect(theirs).to_contain_text("I have called them")


def test_hold_when_taken_back_in_time_then_the_row_says_queued_and_nothing_is_sent(
    person: LogIn, outside: Outside
) -> None:
    paul, ana = person("paul"), person("ana")
    card = paul.choose(REMINDER)
    before = outside.invoice(card["target"]["sourceId"])
    ana.look_up(card["target"]["label"])
    ana.sees(card["id"], "Pending")
    sheet = paul.open(card["id"])
    press(paul, "a")
    expect(sheet).to_contain_text(re.compile(r"Sends in \d s"))
    ana.sees(card["id"], "Queued")
    press(paul, "z")
    expect(sheet.locator("#approve")).to_be_enabled()
    ana.sees(card["id"], "Pending")
    after = paul.get(f"/proposals/{card['id']}")
    assert (after["decision"], after["execution"], after["effect"]) == ("pending", "none", None)
    assert outside.invoice(card["target"]["sourceId"]) == before


def test_outcome_when_nobody_knows_it_then_a_person_says_what_happened_and_nothing_is_sent(
    stack: Stack, person: LogIn, outside: Outside
) -> None:
    petra = person("petra")
    card = petra.choose(REMINDER)
    before = outside.invoice(card["target"]["sourceId"])
    sheet = petra.open(card["id"])
    press(petra, "a")
    expect(sheet.locator("#take-back")).to_be_enabled()
    lose_sight(stack, petra.get("/me")["organization"]["id"], card["id"])
    expect(sheet).to_contain_text("nobody knows yet whether it happened")
    sheet.locator("#mark-not-done").click()
    sheet.locator("#reason").fill("There is no such mail in Stripe")
    sheet.locator("#confirm").click()
    expect(sheet).to_contain_text("Marked as not done by Petra Approver")
    after = petra.get(f"/proposals/{card['id']}")
    assert (after["execution"], after["resolution"]["kind"]) == ("failed", "mark_not_done")
    assert outside.invoice(card["target"]["sourceId"]) == before


def test_undo_when_asked_for_then_it_is_a_proposal_of_its_own_that_another_person_signs(
    person: LogIn, outside: Outside
) -> None:
    paul, petra = person("paul"), person("petra")
    card = paul.choose(CREDIT)
    source = card["target"]["sourceId"]
    before = outside.invoice(source)
    sheet = paul.open(card["id"])
    sheet.locator("#approve").click()
    expect(sheet).to_contain_text(DONE)
    press(paul, "u")
    sheet.locator("#reason").fill("It was the wrong invoice")
    sheet.locator("#confirm").click()
    expect(sheet).to_contain_text("Its undo has been proposed as")
    undo = paul.get(f"/proposals/{card['id']}")["undoneById"]
    assert outside.invoice(source)["amount_remaining"] < before["amount_remaining"]
    second = petra.open(undo)
    expect(second).to_contain_text("Undoes what")
    second.locator("#approve").click()
    expect(second).to_contain_text(DONE)
    expect(sheet).to_contain_text("Undone")
    assert outside.invoice(source)["amount_remaining"] == before["amount_remaining"]
