"""Selecting many proposals in the matrix and deciding on them at once, as people do it in browsers."""

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.person import Person

LogIn = Callable[[str], Person]
Row = dict[str, Any]
REMINDER = "stripe.invoice.send_reminder"
SELECTED = re.compile(r"\bcs-selected\b")


def simple(person: Person) -> list[Row]:
    """Pending reminders that one signature decides, newest first."""
    rows: list[Row] = person.get("/proposals", decision="pending", action=REMINDER, limit=200)[
        "items"
    ]
    return [row for row in rows if row["requiredSignatures"] == 1 and row["yourTurn"]]


def of_one_customer(person: Person) -> tuple[str, list[Row]]:
    """Words that find two or more pending proposals and nothing else."""
    by_party: dict[str, list[Row]] = defaultdict(list)
    for row in simple(person):
        by_party[row["statement"]["party"]].append(row)
    for party, rows in by_party.items():
        found = person.get("/proposals", q=party, limit=200)["items"]
        if len(rows) > 1 and {row["id"] for row in found} == {row["id"] for row in rows}:
            return party, rows
    raise AssertionError("no customer with two pending reminders")


def decisions(person: Person, rows: list[Row]) -> list[str]:
    return [person.get(f"/proposals/{row['id']}")["decision"] for row in rows]


def select_by_keys(person: Person, rows: list[Row]) -> Locator:
    """Select these neighbours: the first with X, the range to the last with Shift X. Returns the bar."""
    page = person.page
    first = page.locator(f"[row-id='{rows[0]['id']}']")
    first.get_by_role("checkbox").click()
    page.keyboard.press("x")  # the click has selected it: X takes it back, and selects it again
    expect(first).not_to_have_class(SELECTED)
    page.keyboard.press("x")
    expect(first).to_have_class(SELECTED)
    for _ in rows[1:]:
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator(".ag-row.cs-selected")).to_have_count(len(rows))
    assert rows[0]["id"] not in page.url
    bar = page.get_by_role("group", name="What is selected")
    expect(bar).to_contain_text(f"{len(rows)} selected")
    return bar


def test_bulk_when_approved_then_taken_back_and_who_was_quicker_is_listed(person: LogIn) -> None:
    paul, petra = person("paul"), person("petra")
    page, dialog = paul.page, paul.page.get_by_role("dialog")
    paul.page.locator("[data-view='open']").click()
    rows = paul.get("/proposals", decision="pending", limit=200)["items"]
    at = next(
        n
        for n in range(len(rows))
        if all(row["requiredSignatures"] == 1 and row["yourTurn"] for row in rows[n : n + 3])
    )
    three = rows[at : at + 3]
    select_by_keys(paul, three)
    page.keyboard.press("a")
    expect(dialog).to_contain_text("3of 3 can be approved")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Approve 3").click()
    message = page.locator(".cs-toast")
    expect(message).to_contain_text("3 approved")
    expect(page.locator(".cs-bulk")).to_have_count(0)
    assert decisions(paul, three) == ["approved"] * 3
    message.get_by_role("button", name="Take back").click()
    expect(message).to_contain_text("3 taken back")
    assert decisions(paul, three) == ["pending"] * 3

    select_by_keys(paul, three)
    page.keyboard.press("a")
    expect(dialog).to_contain_text("3of 3 can be approved")
    digest = petra.get(f"/proposals/{three[1]['id']}")["digest"]
    body = {"kind": "reject", "digest": digest, "reason": "Paid by cheque"}
    status, _ = petra.post(f"/proposals/{three[1]['id']}/decisions", body)
    assert status == 200
    dialog.get_by_role("button", name="Approve 3").click()
    expect(dialog.get_by_role("heading")).to_have_text("2 of 3 approved")
    conflict = dialog.locator("[data-outcome='conflict']")
    expect(conflict).to_have_count(1)
    expect(conflict.get_by_role("link", name=three[1]["statement"]["text"])).to_be_visible()
    dialog.get_by_role("button", name="Take back").click()
    expect(message.last).to_contain_text("2 taken back")
    assert decisions(paul, three) == ["pending", "rejected", "pending"]


def test_bulk_when_all_that_match_are_rejected_then_one_reason_stands_on_each(
    person: LogIn,
) -> None:
    paul = person("paul")
    page, dialog = paul.page, paul.page.get_by_role("dialog")
    party, rows = of_one_customer(paul)
    page.locator("#find").fill(party)
    expect(page.locator(".ag-row")).to_have_count(len(rows))
    page.get_by_role("checkbox", name="Select all that match").click()
    expect(page.locator(".cs-bulk")).to_contain_text(f"All {len(rows)} that match")
    page.get_by_role("button", name="Reject…").click()
    reason = dialog.get_by_label("One reason for all of them")
    expect(reason).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").first).to_contain_text("Say why")
    page.keyboard.type("They are in court")
    page.keyboard.press("Enter")
    expect(page.locator(".cs-toast")).to_contain_text(f"{len(rows)} rejected")
    for row in rows:
        card = paul.get(f"/proposals/{row['id']}")
        assert card["decision"] == "rejected"
        assert "They are in court" in str(card)
    expect(page.locator(".ag-cell-focus")).to_be_focused()
