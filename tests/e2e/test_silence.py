"""Silence: what nobody decides in time expires before the reader's eyes, and nothing is run."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from backend.core.db import connect
from backend.playbooks import overdue_invoices
from backend.playbooks.service import Definition, list_playbooks, publish
from tenancy.context import TenantContext
from tenancy.lookup import organization_by_slug
from tenancy.session import tenant
from tests.e2e.outside import Outside
from tests.e2e.person import Person
from tests.stack import Stack

pytestmark = pytest.mark.long

_SECONDS = 10


@pytest.fixture
def short_of_time(stack: Stack) -> Iterator[None]:
    """For one test, the playbook asks people for a few seconds only."""
    shipped = _published(stack, _hurried)
    yield
    _published(stack, lambda _: shipped)


def _hurried(known: Definition) -> Definition:
    return replace(known, policy=replace(known.policy, due_seconds=_SECONDS))


def _published(stack: Stack, change: Callable[[Definition], Definition]) -> Definition:
    """Away from this thread, on which the browser's own loop runs."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(_publish(stack, change))).result()


async def _publish(stack: Stack, change: Callable[[Definition], Definition]) -> Definition:
    """Make the changed definition the playbook's next version; the one before."""
    database = connect(stack.settings.database, pool_size=1)
    org_id = await organization_by_slug(database, stack.demo.users[0].organization)
    assert org_id is not None
    async with tenant(database, TenantContext(org_id)) as session:
        known = {one.slug: one for one in await list_playbooks(session)}[overdue_invoices.SLUG]
        await publish(session, known, change(known.definition))
    await database.close()
    return known.definition


@pytest.mark.usefixtures("short_of_time")
def test_silence_when_nobody_decides_in_time_then_the_open_card_expires_and_nothing_is_run(
    person: Callable[[str], Person], outside: Outside
) -> None:
    ana, paul = person("ana"), person("paul")
    made = outside.overdue_invoice(days=700, customer="Marram Lighthouse Trust")
    before = outside.invoice(made)
    [playbook] = [p for p in ana.get("/playbooks")["items"] if p["slug"] == overdue_invoices.SLUG]
    status, _ = ana.post(f"/playbooks/{playbook['id']}/runs", {"inputs": {"maxInvoices": 1}})
    assert status == 202
    paul.look_up("Marram Lighthouse Trust")
    row = paul.page.locator(".ag-row").filter(has_text="Marram Lighthouse Trust")
    expect(row).to_be_visible()
    [listed] = paul.get("/proposals", q="Marram Lighthouse Trust")["items"]
    sheet = paul.open(listed["id"])
    expect(sheet.locator("#approve")).to_be_enabled()
    expect(sheet).to_contain_text("Expired. Nobody decided in time")
    expect(sheet.locator("#approve")).not_to_be_visible()
    card = paul.get(f"/proposals/{listed['id']}")
    assert (card["decision"], card["execution"], card["effect"]) == ("expired", "none", None)
    said = {"kind": "approve", "digest": card["digest"]}
    status, problem = paul.post(f"/proposals/{listed['id']}/decisions", said)
    assert (status, problem["code"]) == (409, "already_decided")
    assert outside.invoice(made) == before
