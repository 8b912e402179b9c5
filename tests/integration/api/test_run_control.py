"""Ending a run and reading its trace, as a program does it."""

from datetime import timedelta

import httpx
import pytest

from backend.core.clock import now
from backend.core.ids import ProposalId, RunId
from backend.runs.service import Step, add_step
from tenancy.session import tenant
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer

REASON = {"reason": "The wrong playbook"}


@pytest.mark.parametrize("way", ["cancel", "terminate"])
async def test_run_when_ended_then_the_answer_and_the_list_say_so_while_the_engine_is_down(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, way: str
) -> None:
    view = await proposer.propose(run_id=(parent := await proposer.run()))
    headers = await office.bearer("lead")
    answer = await client.post(f"/api/v1/runs/{parent}/{way}", json=REASON, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["outcome"].endswith("by lead One: The wrong playbook")
    shown = (await client.get(f"/api/v1/runs/{parent}", headers=headers)).json()
    assert (shown["canCancel"], shown["cannotCancelReason"]) == (False, "the run has ended")
    assert [child["state"] for child in shown["children"]] == ["cancelled"]
    assert (await proposer.view(ProposalId(view.row.id))).row.decision == "withdrawn"
    again = await client.post(f"/api/v1/runs/{parent}/{way}", json=REASON, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")


async def test_end_when_repeated_with_its_key_then_replayed(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    path = f"/api/v1/runs/{await proposer.run()}/cancel"
    headers = await office.bearer("lead") | {"Idempotency-Key": "once"}
    first = await client.post(path, json=REASON, headers=headers)
    again = await client.post(path, json=REASON, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": 1}, {"reason": "x" * 501}])
async def test_end_without_a_sensible_reason_is_422_and_names_it(
    client: httpx.AsyncClient, office: Office, proposer: Proposer, body: dict[str, object]
) -> None:
    path = f"/api/v1/runs/{await proposer.run()}/cancel"
    answer = await client.post(path, json=body, headers=await office.bearer("lead"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")


async def test_run_of_another_team_is_404_and_its_page_says_what_is_missing(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    run_id = await proposer.run("outsider")
    answer = await client.post(
        f"/api/v1/runs/{run_id}/cancel", json=REASON, headers=await office.bearer("lead")
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")
    seen = await client.get(f"/api/v1/runs/{run_id}", headers=await office.bearer("viewer"))
    assert seen.json()["canCancel"] is False
    assert "runs:update" in seen.json()["cannotCancelReason"]


async def test_trace_places_steps_under_their_attempts_and_children_under_their_run(
    client: httpx.AsyncClient, office: Office, proposer: Proposer
) -> None:
    view = await proposer.propose(run_id=(parent := await proposer.run()))
    await _steps(office, RunId(view.row.run_id))
    headers = await office.bearer("lead")
    path = f"/api/v1/runs/{view.row.run_id}/trace"
    trace = (await client.get(path, headers=headers)).json()
    names = {span["id"]: span for span in trace["spans"]}
    lines = [
        (span["kind"], span["attempt"], names.get(span["parentId"], {}).get("kind"))
        for span in trace["spans"]
    ]
    assert lines == [
        ("run", None, None),
        ("read", None, "run"),
        ("attempt", 1, "run"),
        ("model", 1, "attempt"),
        ("tool", 1, "attempt"),
        ("verify", 1, "attempt"),
        ("attempt", 2, "run"),
        ("verify", 2, "attempt"),
        ("propose", None, "run"),
        ("wait", None, "run"),
    ]
    assert [span["state"] for span in trace["spans"] if span["kind"] == "attempt"] == [
        "failed",
        "done",
    ]
    model = next(span for span in trace["spans"] if span["kind"] == "model")
    assert (model["durationMs"], model["inputTokens"]) == (1000, 120)
    assert trace["cost"]["inputTokens"] == 120
    offsets = [span["offsetMs"] for span in trace["spans"]]
    assert offsets == sorted(offsets)
    waits = trace["spans"][-1]
    assert (waits["state"], waits["durationMs"]) == ("running", None)
    above = (await client.get(f"/api/v1/runs/{parent}/trace", headers=headers)).json()
    assert [(span["kind"], span["runId"], span["parentId"]) for span in above["spans"]] == [
        ("run", str(parent), None),
        ("run", str(view.row.run_id), str(parent)),
    ]


async def _steps(office: Office, run_id: RunId) -> None:
    """A run that needed two attempts: one second each step."""
    keys = (
        ("read", "read", "done"),
        ("attempt-1/00-model", "model", "done"),
        ("attempt-1/01-tool-a", "tool", "done"),
        ("verify-1", "verify", "failed"),
        ("verify-2", "verify", "done"),
        ("propose", "propose", "done"),
    )
    begun, second = now(), timedelta(seconds=1)
    async with tenant(office.database, office.context) as session:
        for place, (key, kind, state) in enumerate(keys):
            at = begun + place * second
            tokens = 120 if kind == "model" else 0
            step = Step(key, kind, kind, "…", at, at + second, state, input_tokens=tokens)
            await add_step(session, run_id, step)
