from dataclasses import replace

import httpx
from sqlalchemy import select

from backend.core.ids import RunId
from backend.playbooks.service import publish
from backend.runs import budget
from backend.runs.budget import Call, Usage
from backend.runs.budget_ledger import Amount
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

URL = "/api/v1/budget"
_MODEL = "openai:gpt-5.6-sol"


async def spend(proposer: Proposer, *, settled: bool) -> None:
    """One call in a fresh run: paid for, or under way."""
    await spend_in(proposer.office, await proposer.run(), settled=settled)


async def spend_in(office: Office, run_id: RunId, *, settled: bool) -> None:
    call = Call(run_id, "activity/1", 0, _MODEL)
    async with tenant(office.database, office.context) as session:
        purse = await budget.purse_of(session, run_id)
        await budget.reserve(session, purse, call, Amount(1_000, 9_000))
        if settled:
            await session.flush()
            await budget.settle(session, call, Usage(120, 30, 1_500), reply=None)


async def test_budget_shows_what_is_used_and_set_aside_of_the_organization_and_each_playbook(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    headers = await office.bearer("admin")
    fresh = (await client.get(URL, headers=headers)).json()
    assert fresh["caps"] == {"tokens": None, "microUsd": None}
    assert set(fresh["use"].values()) == {0}
    await spend(proposer, settled=True)
    await spend(proposer, settled=False)
    shown = (await client.get(URL, headers=headers)).json()
    assert shown["use"] == {
        "usedTokens": 150,
        "heldTokens": 1_000,
        "usedMicroUsd": 1_500,
        "heldMicroUsd": 9_000,
        "unpricedCalls": 0,
    }
    [playbook] = shown["playbooks"]
    assert (playbook["name"], playbook["use"]) == ("Overdue invoices", shown["use"])


async def test_caps_are_set_replayed_by_their_key_and_audited(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("admin")
    once = {**headers, "Idempotency-Key": "caps"}
    body = {"tokens": 5_000_000, "microUsd": 20_000_000}
    first = await client.put(URL, headers=once, json=body)
    again = await client.put(URL, headers=once, json=body)
    assert (first.status_code, first.json()["caps"]) == (200, body)
    assert again.headers["idempotent-replayed"] == "true"
    assert (await client.get(URL, headers=headers)).json()["caps"] == body
    query = select(AuditEvent.details).where(AuditEvent.action == "budget.changed")
    async with tenant(office.database, office.context) as session:
        assert len(list(await session.scalars(query))) == 1


async def test_caps_that_make_no_sense_are_422_and_named(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("admin")
    for body, field in (
        ({"tokens": -1, "microUsd": None}, "tokens"),
        ({"tokens": None, "microUsd": 2.5}, "microUsd"),
        ({"tokens": None}, "microUsd"),
    ):
        answer = await client.put(URL, headers=headers, json=body)
        assert answer.status_code == 422
        assert field in answer.text


async def test_run_of_a_provider_shows_what_its_calls_have_cost(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    paid = replace(office.playbook.definition, model=_MODEL)
    async with tenant(office.database, office.context) as session:
        await publish(session, office.playbook, paid)
    await spend(proposer, settled=True)
    headers = await office.bearer("lead")
    [run] = (await client.get("/api/v1/runs", headers=headers)).json()["items"]
    cost = {
        "inputTokens": 120,
        "outputTokens": 30,
        "modelCalls": 1,
        "spend": {"minor": 1_500, "currency": "USD", "exponent": 6},
        "unpricedCalls": 0,
    }
    assert run["cost"] == cost
    for path in (f"/api/v1/runs/{run['id']}", f"/api/v1/runs/{run['id']}/trace"):
        assert (await client.get(path, headers=headers)).json()["cost"] == cost


async def test_card_shows_what_the_run_behind_it_has_cost(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    paid = replace(office.playbook.definition, model=_MODEL)
    async with tenant(office.database, office.context) as session:
        await publish(session, office.playbook, paid)
    view = await proposer.propose()
    await spend_in(office, RunId(view.row.run_id), settled=True)
    card = await client.get(f"/api/v1/proposals/{view.row.id}", headers=await office.bearer("lead"))
    assert card.json()["cost"]["spend"] == {"minor": 1_500, "currency": "USD", "exponent": 6}
