"""A change in the outside system arrives by itself: the demo is told of it by signed webhooks."""

from collections.abc import AsyncIterator

import httpx
import pytest

from backend.embedded.demo_api import DemoApi
from backend.playbooks import overdue_invoices
from tests.e2e.outside import Outside
from tests.stack import Stack
from tests.waiting import eventually


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[DemoApi]:
    account = next(user for user in stack.demo.users if user.role == "admin")
    async with httpx.AsyncClient(base_url=stack.demo.api_url, timeout=30) as http:
        yield await DemoApi.log_in(http, account.email, account.password)


async def switched(api: DemoApi, path: str, *, enabled: bool) -> bool:
    headers = {"Authorization": f"Bearer {api.token}"}
    answer = await api.http.put(f"/api/v1{path}", headers=headers, json={"enabled": enabled})
    return bool(answer.raise_for_status().json()["enabled"])


async def test_invoice_that_is_overdue_outside_becomes_a_proposal_without_anybody_syncing(
    admin: DemoApi, outside: Outside
) -> None:
    playbooks = (await admin.get("/playbooks"))["items"]
    playbook = next(one for one in playbooks if one["slug"] == overdue_invoices.SLUG)
    path = f"/playbooks/{playbook['id']}/triggers/record_changed"
    assert await switched(admin, path, enabled=True)
    before = (await admin.get("/runs"))["items"][0]["id"]
    made = outside.overdue_invoice(days=40)

    async def proposed() -> bool:
        [newest, *_] = (await admin.get("/runs"))["items"]
        return bool(newest["id"] != before and newest["counts"]["proposed"] == 1)

    await eventually(proposed, "a run about the new invoice", seconds=60)
    [newest, *_] = (await admin.get("/runs"))["items"]
    [proposal] = (await admin.get(f"/runs/{newest['id']}"))["proposals"]
    assert proposal["target"]["sourceId"] == made
    assert not await switched(admin, path, enabled=False)
