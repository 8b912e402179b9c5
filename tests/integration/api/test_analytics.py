"""Every figure of the dashboard against a count of its own, made from the rows that it names."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from backend.core.clock import now
from backend.embedded.postgres import EmbeddedPostgres
from backend.runs import budget
from backend.runs.budget import Call, Usage
from backend.runs.budget_ledger import Amount
from tenancy.session import tenant
from tests.clones import clone
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

URL = "/api/v1/analytics/overview"
_COMPARED = {
    "minRisk": "risk_score >= {}",
    "maxRisk": "risk_score <= {}",
    "createdFrom": "created_at >= {}",
    "createdTo": "created_at <= {}",
    "dueTo": "due_at <= {}",
    "decidedFrom": "decided_at >= {}",
    "decidedTo": "decided_at <= {}",
}


async def overview(
    client: httpx.AsyncClient, office: Office, who: str = "admin", days: int = 30
) -> dict[str, Any]:
    answer = await client.get(f"{URL}?days={days}", headers=await office.bearer(who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def figures(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in shown["figures"]}


async def counted(postgres: EmbeddedPostgres, office: Office, rows: dict[str, Any]) -> int:
    """The proposals of a filter, by a query that knows nothing of the product's."""
    conditions = ["org_id = $1"]
    values: list[object] = [office.org_id]
    for name, given in rows.items():
        if given in (None, []):
            continue
        if name in {"decision", "execution", "playbook"}:
            column = "playbook_id::text" if name == "playbook" else name
            values.append(given)
            conditions.append(f"{column} = ANY(${len(values)})")
        else:
            values.append(given if isinstance(given, int) else datetime.fromisoformat(given))
            conditions.append(_COMPARED[name].format(f"${len(values)}"))
    connection = await asyncpg.connect(postgres.dsn("app_owner"))
    query = f"SELECT count(*) FROM proposal WHERE {' AND '.join(conditions)}"  # noqa: S608
    count = await connection.fetchval(query, *values)
    await connection.close()
    return int(count)


@pytest.fixture
async def history(proposer: Proposer, postgres: EmbeddedPostgres) -> UUID:
    """Thirty approved (six by the policy, five edited), ten rejected, three expired, some long ago, and what waits."""
    original = (await proposer.propose()).row.id
    at, editor = now(), str(proposer.office.people["admin"])
    made = at - timedelta(days=3)

    def approved(execution: str, hours: int, **more: object) -> dict[str, Any]:
        decided = {"decided_at": made + timedelta(hours=hours), "created_at": made}
        return {"decision": "approved", "execution": execution, **decided, **more}

    people = [approved("executed", 1 + i) for i in range(13)]
    people += [approved("failed", 14 + i) for i in range(6)]
    people += [approved("executed", 2, edited_by=editor) for _ in range(5)]
    await clone(postgres, original, people)
    await clone(postgres, original, [approved("executed", 0)] * 6, by_policy=True)
    rejected = {**approved("none", 5), "decision": "rejected"}
    await clone(postgres, original, [rejected] * 10)
    await clone(postgres, original, [{**approved("none", 5), "decision": "expired"}] * 3)
    old = {"created_at": at - timedelta(days=60), "decided_at": at - timedelta(days=50)}
    await clone(postgres, original, [{**rejected, **old}] * 4)
    waits = [
        {"created_at": at - timedelta(hours=hours), "risk_score": risk, "due_at": at + due}
        for hours, risk, due in (
            (2, 10, timedelta(hours=1)),
            (9, 45, -timedelta(hours=1)),
            (30, 70, -timedelta(minutes=1)),
            (100, 90, timedelta(days=1)),
        )
    ]
    await clone(postgres, original, waits)
    return original


@pytest.mark.usefixtures("history")
async def test_figures_count_what_they_say_and_name_exactly_those_rows(
    client: httpx.AsyncClient, office: Office, postgres: EmbeddedPostgres
) -> None:
    shown = await overview(client, office)
    found = figures(shown)
    assert {name: (one["value"], one["n"]) for name, one in found.items()} == {
        "pending": (5, 5),
        "overdue": (2, 2),
        "decided": (40, 40),
        "approvalRate": (0.75, 40),
        "editRate": (0.125, 40),
        "rejectRate": (0.25, 40),
        "automationRate": (0.15, 40),
        "timeToDecision": (pytest.approx(5 * 3600), 34),
        "errorRate": (0.2, 30),
        "executed": (24, 24),
    }
    for one in found.values():
        if one["rows"] is not None:
            assert await counted(postgres, office, one["rows"]) == one["n"], one["id"]
    assert shown["reach"] == "org"
    assert shown["timeToDecision"][0] == pytest.approx(5 * 3600)


@pytest.mark.usefixtures("history")
async def test_bars_and_days_add_up_to_the_figures_and_name_their_rows(
    client: httpx.AsyncClient, office: Office, postgres: EmbeddedPostgres
) -> None:
    shown = await overview(client, office)
    assert [one["count"] for one in shown["pendingByAge"]] == [1, 1, 1, 1, 1]
    assert sum(one["count"] for one in shown["pendingByRisk"]) == 5
    for bar in [*shown["pendingByAge"], *shown["pendingByRisk"]]:
        assert await counted(postgres, office, bar["rows"]) == bar["count"], bar
    days = shown["decisions"]
    assert [len(days), sum(one["partial"] for one in days)] == [30, 1]
    assert days[-1]["partial"]
    assert days[-1]["day"] == datetime.now(UTC).date().isoformat()
    assert sum(one["approved"] + one["rejected"] for one in days) == 40
    assert sum(one["expired"] for one in days) == 3
    for one in days:
        total = one["approved"] + one["rejected"] + one["expired"]
        assert await counted(postgres, office, one["rows"]) == total, one["day"]


@pytest.mark.usefixtures("history")
async def test_playbook_shows_what_became_of_its_proposals(
    client: httpx.AsyncClient, office: Office, postgres: EmbeddedPostgres
) -> None:
    [one] = (await overview(client, office))["playbooks"]
    assert await counted(postgres, office, one["rows"]) == one["proposed"] == 48
    assert (one["approved"], one["rejected"], one["edited"]) == (30, 10, 5)
    assert (one["executed"], one["failed"], one["automated"], one["spend"]) == (24, 6, 6, None)


@pytest.mark.usefixtures("history")
async def test_shares_of_fewer_than_twenty_cases_are_absent_but_counted(
    client: httpx.AsyncClient, office: Office
) -> None:
    shown = await overview(client, office, days=1)
    found = figures(shown)
    assert {found[name]["value"] for name in ("approvalRate", "errorRate", "timeToDecision")} == {
        None
    }
    assert shown["timeToDecision"] is None
    assert found["approvalRate"]["n"] == found["decided"]["value"] == 0
    everything = figures(await overview(client, office, days=90))
    assert everything["decided"]["value"] == 44


@pytest.mark.usefixtures("history")
async def test_figures_reach_as_far_as_the_list_of_proposals(
    client: httpx.AsyncClient, office: Office
) -> None:
    for who, reach, waiting in (("viewer", "org", 5), ("lead", "team", 5), ("outsider", "self", 0)):
        shown = await overview(client, office, who)
        assert (shown["reach"], figures(shown)["pending"]["value"]) == (reach, waiting)
        headers = await office.bearer(who)
        listed = await client.get("/api/v1/proposals?decision=pending", headers=headers)
        assert listed.json()["total"] == waiting


@pytest.mark.usefixtures("history")
async def test_another_organization_counts_nothing_of_it(
    client: httpx.AsyncClient, stranger: Office
) -> None:
    shown = await overview(client, stranger)
    assert {one["n"] for one in shown["figures"]} == {0}
    assert shown["playbooks"] == []


async def test_decided_at_follows_the_decision_and_a_take_back_clears_it(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    made = (await proposer.propose()).row
    url = f"/api/v1/proposals/{made.id}/decisions"
    headers = await office.bearer("lead")
    for kind, decided in (("approve", 1), ("take_back", 0)):
        body = {"kind": kind, "digest": made.digest}
        assert (await client.post(url, json=body, headers=headers)).status_code == 200
        assert figures(await overview(client, office))["decided"]["value"] == decided


async def test_spend_is_that_of_the_calls_of_the_period_within_reach(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    none = (await overview(client, office))["spend"]
    assert (none["modelCalls"], none["spend"]) == (0, None)
    run_id, call_key = await proposer.run(), "activity/1"
    call = Call(run_id, call_key, 0, "openai:gpt-5.6-sol")
    async with tenant(office.database, office.context) as session:
        purse = await budget.purse_of(session, run_id)
        await budget.reserve(session, purse, call, Amount(1_000, 9_000))
        await session.flush()
        await budget.settle(session, call, Usage(120, 30, 1_500), reply=None)
    assert (await overview(client, office))["spend"] == {
        "inputTokens": 120,
        "outputTokens": 30,
        "modelCalls": 1,
        "spend": {"minor": 1_500, "currency": "USD", "exponent": 6},
        "unpricedCalls": 0,
    }
    assert (await overview(client, office, "outsider"))["spend"]["modelCalls"] == 0


@pytest.mark.parametrize("days", ["0", "366", "soon"])
async def test_a_period_that_is_none_is_422_and_named(
    client: httpx.AsyncClient, office: Office, days: str
) -> None:
    answer = await client.get(f"{URL}?days={days}", headers=await office.bearer("admin"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "days")
