"""The page of the audit: found and narrowed, unfolded, and taken along as a file that the verifier proves."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.person import SOON, Person
from tests.stack import Stack

LogIn = Callable[[str], Person]


def test_act_when_searched_for_then_found_narrowed_in_the_address_and_unfolded_by_keyboard(
    person: LogIn,
) -> None:
    adam = person("adam")
    page = adam.page
    page.goto(f"{adam.url}/audit")
    acts = page.locator(".cs-acts > li")
    expect(acts.first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("adam")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/audit\?q=adam$"))
    page.locator("#audit-action").select_option("token.issued")
    expect(page).to_have_url(re.compile("action=token.issued"))
    expect(acts.first).to_contain_text("Program signed in")
    expect(acts.get_by_text("Proposal created")).to_have_count(0)
    [newest, *_] = adam.get("/audit", action="token.issued", q="adam")["items"]
    row = page.locator(f"[data-act='{newest['id']}']")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(row.locator("dl")).to_contain_text(newest["subjectId"])
    page.reload()
    expect(page.locator("#find")).to_have_value("adam")
    expect(acts.first).to_contain_text("Program signed in")
    page.goto(f"{adam.url}/audit?action=proposal.created")
    [newest, *_] = adam.get("/audit", action="proposal.created")["items"]
    said = page.locator(f"[data-act='{newest['id']}'] summary")
    expect(said).to_contain_text(f"Proposal created{newest['about']}")
    page.goto(f"{adam.url}/audit?q=nothing+has+these+words")
    expect(page.get_by_text("No act matches")).to_be_visible()


def test_log_when_taken_along_then_the_verifier_proves_it_against_the_copied_root(
    person: LogIn, stack: Stack, tmp_path: Path
) -> None:
    adam = person("adam")
    page = adam.page
    page.goto(f"{adam.url}/audit")
    copy = page.locator("#copy-root")
    expect(copy).to_be_visible(timeout=3 * SOON)  # one is signed each minute
    root = page.locator(".cs-signed code").get_attribute("title") or ""
    files = {}
    for kind in ("ndjson", "csv"):
        page.locator("#export").click()
        with page.expect_download() as download:
            page.locator(f"#export-{kind}").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
        page.keyboard.press("Escape")
    done = stack.command("audit", "verify", str(files["ndjson"]), "--anchor", root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROVEN" in done.stdout
    assert "proposal.created" in files["csv"].read_text()


def test_audit_when_somebody_may_only_read_it_then_it_is_not_exported_and_without_that_not_shown(
    person: LogIn,
) -> None:
    paul, vera = person("paul"), person("vera")
    paul.page.goto(f"{paul.url}/audit")
    expect(paul.page.locator(".cs-acts > li").first).to_be_visible()
    expect(paul.page.locator("#export")).to_be_disabled()
    expect(paul.page.locator("#export")).to_have_attribute(
        "title", "This needs the permission audit_logs:export."
    )
    vera.page.goto(f"{vera.url}/audit")
    expect(vera.page.get_by_text("The audit is not open to you")).to_be_visible()
