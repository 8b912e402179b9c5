import asyncio
import time

import httpx
from sqlalchemy import func, select

from backend.runs.models import RunRow
from tenancy.models.change import Outbox
from tenancy.session import system, tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer


def runs_of(office: Office) -> str:
    return f"/api/v1/playbooks/{office.playbook.id}/runs"


async def count(office: Office) -> int:
    async with tenant(office.database, office.context) as session:
        return await session.scalar(select(func.count()).select_from(RunRow)) or 0


async def test_run_is_queued_while_the_workflow_engine_is_down(
    client: httpx.AsyncClient, office: Office
) -> None:
    began = time.monotonic()
    body = {"inputs": {"minDaysOverdue": 7, "maxInvoices": 3}}
    answer = await client.post(runs_of(office), json=body, headers=await office.bearer("analyst"))
    assert answer.status_code == 202
    assert time.monotonic() - began < 5
    run = answer.json()
    assert run["state"] == "queued"
    assert run["requestedBy"]["name"] == "analyst One"
    async with system(office.database) as session:
        [wake] = await session.scalars(select(Outbox).where(Outbox.org_id == office.org_id))
    assert (str(wake.subject_id), wake.kind) == (run["id"], "start_playbook_run")
    shown = await client.get(f"/api/v1/runs/{run['id']}", headers=await office.bearer("analyst"))
    assert shown.json()["inputs"] == {"minDaysOverdue": 7, "maxInvoices": 3}


async def test_run_when_repeated_with_its_key_then_replayed(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("analyst") | {"Idempotency-Key": "once"}
    first = await client.post(runs_of(office), headers=headers)
    again = await client.post(runs_of(office), headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    assert await count(office) == 1


async def test_run_when_its_key_comes_with_another_body_then_422(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("analyst") | {"Idempotency-Key": "once"}
    await client.post(runs_of(office), headers=headers)
    other = {"inputs": {"maxInvoices": 1}}
    answer = await client.post(runs_of(office), headers=headers, json=other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")


async def test_twins_with_one_key_start_one_run(client: httpx.AsyncClient, office: Office) -> None:
    headers = await office.bearer("analyst") | {"Idempotency-Key": "twins"}
    answers = await asyncio.gather(
        *(client.post(runs_of(office), headers=headers) for _ in range(6))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await count(office) == 1


async def test_keys_of_different_people_do_not_meet(
    client: httpx.AsyncClient, office: Office
) -> None:
    made = set()
    for who in ("analyst", "lead"):
        headers = await office.bearer(who) | {"Idempotency-Key": "same"}
        made.add((await client.post(runs_of(office), headers=headers)).json()["id"])
    assert len(made) == 2


async def test_run_with_senseless_inputs_is_422_and_names_them(
    client: httpx.AsyncClient, office: Office
) -> None:
    headers = await office.bearer("analyst")
    for inputs, field in (
        ({"maxInvoices": 0}, "inputs.maxInvoices"),
        ({"minDaysOverdue": "7"}, "inputs.minDaysOverdue"),
        ({"maxInvoice": 1}, "inputs.maxInvoice"),
        ({"maxPairs": 1}, "inputs.maxPairs"),
    ):
        answer = await client.post(runs_of(office), headers=headers, json={"inputs": inputs})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
    assert await count(office) == 0


async def test_playbook_run_shows_the_proposals_of_its_children(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    run_id = await proposer.run()
    made = [await proposer.propose(run_id=run_id), await proposer.credit()]
    headers = await office.bearer("lead")
    shown = (await client.get(f"/api/v1/runs/{run_id}", headers=headers)).json()
    assert [row["id"] for row in shown["proposals"]] == [str(made[0].row.id)]
    assert [child["id"] for child in shown["children"]] == [str(made[0].row.run_id)]
    assert shown["counts"]["candidates"] == 1
    assert shown["workflowId"] == f"playbook_run/{office.org_id}/{run_id}"


async def test_list_shows_playbook_runs_newest_first(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    first, second = await proposer.run("analyst"), await proposer.run("lead")
    headers = await office.bearer("lead")
    page = (await client.get("/api/v1/runs", headers=headers)).json()
    assert [run["id"] for run in page["items"]] == [str(second), str(first)]
    assert page["total"] == 2
    own = (await client.get("/api/v1/runs", headers=await office.bearer("analyst"))).json()
    assert [run["id"] for run in own["items"]] == [str(first)]
    rest = await client.get("/api/v1/runs?limit=1&offset=1", headers=headers)
    assert [run["id"] for run in rest.json()["items"]] == [str(first)]


async def test_list_when_narrowed_then_holds_only_runs_in_that_state_of_that_playbook(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    run_id, headers = str(await proposer.run("analyst")), await office.bearer("lead")

    async def found(query: str) -> list[str]:
        page = (await client.get(f"/api/v1/runs?{query}", headers=headers)).json()
        assert page["total"] == len(page["items"])
        return [run["id"] for run in page["items"]]

    state = (await client.get(f"/api/v1/runs/{run_id}", headers=headers)).json()["state"]
    assert await found(f"state={state}&playbook={office.playbook.id}") == [run_id]
    assert await found("state=cancelled") == []
    assert await found(f"playbook={run_id}") == []
    refused = await client.get("/api/v1/runs?state=asleep", headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "state")


async def test_playbooks_say_whether_their_reader_may_run_them(
    client: httpx.AsyncClient, office: Office
) -> None:
    shown = {}
    for who in ("analyst", "viewer"):
        answer = await client.get("/api/v1/playbooks", headers=await office.bearer(who))
        [shown[who]] = answer.json()["items"]
    assert (shown["analyst"]["canRun"], shown["analyst"]["cannotRunReason"]) == (True, None)
    assert shown["viewer"]["canRun"] is False
    assert "runs:create" in shown["viewer"]["cannotRunReason"]
    assert shown["viewer"]["model"] == "rules"
