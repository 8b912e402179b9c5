"""The main job as its users do it, in two browsers and over REST, judged by the outside system."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.outside import Outside
from tests.e2e.person import Person

LogIn = Callable[[str], Person]

CREDIT = "stripe.credit_note.create"
REMINDER = "stripe.invoice.send_reminder"
VOID = "stripe.invoice.void"
DONE = "Ran exactly what was approved"


def test_matrix_when_the_demo_was_just_seeded_then_shows_what_runs_have_made(person: LogIn) -> None:
    ana = person("ana")
    rows = ana.get("/proposals", limit=200)
    assert rows["total"] > 0
    runs = {run["id"] for run in ana.get("/runs")["items"]}
    assert {ana.get(f"/runs/{row['runId']}")["parentRunId"] for row in rows["items"][:5]} <= runs
    expect(ana.page.get_by_text("Demo data").first).to_be_visible()


def test_run_when_started_by_the_button_then_proposals_arrive_without_reload(person: LogIn) -> None:
    hana = person("hana")  # the second organization: most of its invoices were not looked at yet
    known = hana.get("/proposals")["total"]
    hana.page.evaluate("window.sameDocument = true")
    hana.page.locator("#run-playbook").click()
    hana.page.locator("#playbooks").get_by_role("button", name="Overdue invoices").click()
    fresh = hana.page.get_by_role("button", name=re.compile(r"Show \d+ new"))
    expect(fresh).to_be_visible()
    fresh.click()
    expect(fresh).to_be_hidden()
    assert hana.page.evaluate("window.sameDocument") is True
    assert hana.get("/proposals")["total"] > known
    newest = hana.get("/runs")["items"][0]
    assert newest["requestedBy"]["name"] == "Hana Approver"
    children = hana.get(f"/runs/{newest['id']}")["children"]
    assert sum(child["state"] == "running" for child in children) <= 40


def test_card_when_opened_then_says_all_that_a_decision_needs(person: LogIn) -> None:
    paul = person("paul")
    card = paul.choose(CREDIT)
    sheet = paul.open(card["id"])
    expect(sheet.locator("h1")).to_contain_text(card["statement"]["party"])
    expect(sheet).to_contain_text(card["digest"][:4])
    for change in card["changes"]:
        expect(sheet).to_contain_text(change["label"])
    assert sum(reason["points"] for reason in card["risk"]["reasons"]) == card["risk"]["score"]
    sheet.get_by_role("tab", name="Evidence").click()
    for item in card["evidence"]:
        expect(sheet).to_contain_text(item["title"])
    sheet.get_by_role("tab", name="Reasoning").click()
    expect(sheet).to_contain_text("Offline rules")
    paul.page.keyboard.press("Escape")
    expect(paul.page.locator(".cs-sheet")).to_have_count(0)


def test_approval_when_a_second_person_signs_then_stripe_changes_once_and_both_browsers_see_it(
    person: LogIn, outside: Outside
) -> None:
    ana, paul = person("ana"), person("paul")
    card = paul.choose(CREDIT)
    source = card["target"]["sourceId"]
    before = outside.invoice(source)
    ana.look_up(card["target"]["label"])
    ana.sees(card["id"], "Pending")
    sheet = paul.open(card["id"])
    sheet.locator("#approve").click()
    ana.sees(card["id"], "Executed")
    expect(sheet).to_contain_text(DONE)
    amount = card["amount"]["minor"]
    after = outside.invoice(source)
    assert after["amount_remaining"] == before["amount_remaining"] - amount
    for change in card["changes"]:
        if change["path"] == "balance":
            assert after["amount_remaining"] == change["after"]["minor"]
    effect = paul.get(f"/proposals/{card['id']}")["effect"]
    marked = [n for n in outside.notes_of(source) if n["metadata"].get("effect_id") == effect["id"]]
    assert [note["amount"] for note in marked] == [amount]
    assert "credit_note.created" in outside.events_under(effect["idempotencyKey"])


def test_requester_when_it_is_their_own_run_then_the_card_says_who_else_decides(
    person: LogIn,
) -> None:
    ana = person("ana")
    card = ana.choose(REMINDER)
    sheet = ana.open(card["id"])
    expect(sheet.locator("#approve")).to_be_disabled()
    status, problem = ana.post(
        f"/proposals/{card['id']}/decisions", {"kind": "approve", "digest": card["digest"]}
    )
    assert (status, problem["code"]) == (403, "own_request")


def test_rejection_when_given_with_a_reason_then_nothing_runs_and_the_reason_is_kept(
    person: LogIn, outside: Outside
) -> None:
    petra = person("petra")
    card = petra.choose(VOID)
    before = outside.invoice(card["target"]["sourceId"])
    sheet = petra.open(card["id"])
    sheet.locator("#reject").click()
    sheet.locator("#reason").fill("The customer asked for both copies")
    sheet.locator("#confirm").click()
    expect(sheet).to_contain_text("The customer asked for both copies")
    after = petra.get(f"/proposals/{card['id']}")
    assert (after["decision"], after["execution"], after["effect"]) == ("rejected", "none", None)
    assert outside.invoice(card["target"]["sourceId"]) == before
    run = petra.get(f"/runs/{card['runId']}")
    assert run["state"] in ("waiting", "completed")


def test_approval_when_the_invoice_changed_behind_our_back_then_stale_and_nothing_runs(
    person: LogIn, outside: Outside
) -> None:
    paul = person("paul")
    card = paul.choose(REMINDER)
    source = card["target"]["sourceId"]
    sheet = paul.open(card["id"])
    outside.change_behind_our_back(source)
    changed = outside.invoice(source)
    sheet.locator("#approve").click()
    expect(sheet).to_contain_text("Nothing was sent")
    expect(sheet).to_contain_text("Still to pay")
    after = paul.get(f"/proposals/{card['id']}")
    assert (after["decision"], after["execution"], after["effect"]) == ("stale", "none", None)
    assert [change["path"] for change in after["staleChanges"]] == ["balance"]
    assert outside.invoice(source) == changed


@pytest.mark.parametrize("action", [REMINDER])
def test_rest_when_a_program_decides_then_the_open_browser_shows_it(
    action: str, person: LogIn, outside: Outside
) -> None:
    ana, petra = person("ana"), person("petra")
    card = petra.choose(action)
    ana.look_up(card["target"]["label"])
    ana.sees(card["id"], "Pending")
    status, decision = petra.post(
        f"/proposals/{card['id']}/decisions", {"kind": "approve", "digest": card["digest"]}
    )
    assert status == 200, decision
    assert decision["liveCheck"] == "unchanged"
    ana.sees(card["id"], "Executed")
    effect: dict[str, Any] = petra.get(f"/proposals/{card['id']}")["effect"]
    assert outside.events_under(effect["idempotencyKey"]) == ["invoice.sent"]


def test_quorum_when_the_amount_is_large_then_two_people_sign(
    person: LogIn, outside: Outside
) -> None:
    paul, petra = person("paul"), person("petra")
    card = paul.choose(REMINDER, signatures=2)
    first = paul.open(card["id"])
    first.locator("#approve").click()
    expect(first).to_contain_text("1 of 2")
    assert paul.get(f"/proposals/{card['id']}")["execution"] == "none"
    again = {"kind": "approve", "digest": card["digest"]}
    status, problem = paul.post(f"/proposals/{card['id']}/decisions", again)
    assert (status, problem["code"]) == (409, "already_decided")
    second = petra.open(card["id"])
    second.locator("#approve").click()
    expect(second).to_contain_text(DONE)
    effect = petra.get(f"/proposals/{card['id']}")["effect"]
    assert outside.events_under(effect["idempotencyKey"]) == ["invoice.sent"]
