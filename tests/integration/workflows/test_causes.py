"""Which request what a run does goes back to: in the engine, in the worker's log and in the audit."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import Header
from temporalio.client import Client

from backend.core.settings import Settings
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process, workflow_id
from workflows.runtime.headers import take

_STARTED, _DECIDED = "asked-to-start-1", "said-yes-2"


@pytest.fixture
async def engine(settings: Settings) -> Client:
    return await connect(settings)


async def post(
    client: httpx.AsyncClient, office: Office, who: str, path: str, request_id: str, **body: str
) -> dict[str, Any]:
    headers = {**await office.bearer(who), "X-Request-Id": request_id}
    answer = await client.post(f"/api/v1/{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def waiting(client: httpx.AsyncClient, office: Office) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        answer = await client.get("/api/v1/proposals", headers=await office.bearer("lead"))
        return next(iter(answer.json()["items"]), None)

    found = await eventually(look, "a proposal")
    path = f"/api/v1/proposals/{found['id']}"
    return dict((await client.get(path, headers=await office.bearer("lead"))).json())


async def audit(office: Office) -> dict[str, str | None]:
    async with tenant(office.database, office.context) as session:
        rows = await session.scalars(select(AuditEvent))
        return {row.action: row.request_id for row in rows}


async def test_request_ids_of_start_and_decision_reach_activities_children_log_and_audit(
    client: httpx.AsyncClient, proposer: Proposer, engine: Client, worker: WorkerProcess
) -> None:
    office = proposer.office
    proposer.account.overdue_invoice()
    proposer.account.misfortune("500", "GET", "/v1/invoices/")  # an activity that has to be logged
    run = await post(client, office, "analyst", f"playbooks/{office.playbook.id}/runs", _STARTED)
    proposal = await waiting(client, office)
    path = f"proposals/{proposal['id']}/decisions"
    await post(client, office, "lead", path, _DECIDED, kind="approve", digest=proposal["digest"])

    async def look() -> dict[str, str | None] | None:
        found = await audit(office)
        return found if "effect.confirmed" in found else None

    found = await eventually(look, "the effect")
    assert found["proposal.created"] == _STARTED
    assert found["effect.claimed"] == found["effect.confirmed"] == _DECIDED
    ids = [
        workflow_id(Process.PLAYBOOK_RUN, office.org_id, run["id"]),
        workflow_id(Process.CONNECTOR_SYNC, office.org_id, proposer.connection_id),
        workflow_id(Process.AGENT_RUN, office.org_id, proposal["runId"]),
    ]
    for one in ids:
        assert _STARTED in await named_in(engine, one), one
    logged = [json.loads(line) for line in worker.log().splitlines() if "activity.failed" in line]
    assert _STARTED in {line.get("request_id") for line in logged}


async def named_in(engine: Client, one: str) -> set[str | None]:
    history = await engine.get_workflow_handle(one).fetch_history()
    headers: list[Header] = [
        event.activity_task_scheduled_event_attributes.header
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert headers
    return {take(header.fields).request_id for header in headers}
