"""One trace from the request to the outside system, told to a collector without a word of what it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.playbooks.service import publish
from tenancy.session import tenant
from tests.collector import Collector, Span
from tests.fixtures.client import ServerProcess
from tests.fixtures.people import Office
from tests.fixtures.proposals import Proposer
from tests.providers import Provider
from tests.waiting import eventually
from tests.worker import WorkerProcess

_MODEL, _KEY = "openai:gpt-5.6-sol", "sk-trace-do-not-tell"
_START = "POST /api/v1/playbooks/{playbook_id}/runs"
_DECIDE = "POST /api/v1/proposals/{proposal_id}/decisions"
_LOOK = "activity agent__receivables__model_request"
_WORDS = (_KEY, "Halvorsen", "Deck coating", "Bring in what is overdue", "Brindlemoor", "analyst")


@dataclass(frozen=True)
class Line:
    """API and worker that tell a collector what they do, with a model behind them."""

    collector: Collector
    api: ServerProcess
    worker: WorkerProcess
    api_log: Path

    def logs(self) -> str:
        """What both have logged."""
        return self.api_log.read_text() + self.worker.log()

    def stop(self) -> list[Span]:
        """End both, so that everything has been sent."""
        assert self.worker.stop() == 0
        assert self.api.stop() == 0
        return self.collector.spans


@pytest.fixture
def line(environ: Mapping[str, str], tmp_path: Path) -> Iterator[Line]:
    with Collector().running() as collector, Provider().running() as provider:
        own = {
            **environ,
            "COUNTERSIGN_OTLP_ENDPOINT": collector.url,
            "COUNTERSIGN_MODEL": _MODEL,
            "COUNTERSIGN_MODEL_API_KEY": _KEY,
            "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
        }
        api = ServerProcess(own, tmp_path / "api.log")
        worker = WorkerProcess(own, tmp_path / "worker.log")
        api.start()
        yield Line(collector, api, worker, tmp_path / "api.log")
        worker.kill()
        api.stop()


async def by_the_model(office: Office) -> Office:
    """The same office whose playbook asks the provider."""
    async with tenant(office.database, office.context) as session:
        definition = replace(office.playbook.definition, model=_MODEL)
        return replace(office, playbook=await publish(session, office.playbook, definition))


async def carried_out(office: Office, api: str) -> None:
    """Start a run over HTTP, approve what it proposes, wait for the effect."""
    analyst, lead = await office.bearer("analyst"), await office.bearer("lead")
    async with httpx.AsyncClient(base_url=f"{api}/api/v1") as client:
        await client.get("/me", headers=lead)
        started = await client.post(f"/playbooks/{office.playbook.id}/runs", headers=analyst)
        assert started.status_code == 202

        async def proposals() -> list[dict[str, Any]]:
            return list((await client.get("/proposals", headers=lead)).json()["items"])

        [listed] = await eventually(proposals, "a proposal")
        path = f"/proposals/{listed['id']}"
        shown = (await client.get(path, headers=lead)).json()
        body = {"kind": "approve", "digest": shown["digest"]}
        decided = await client.post(f"{path}/decisions", json=body, headers=lead)
        assert decided.status_code == 200, decided.text

        async def executed() -> bool:
            return bool((await client.get(path, headers=lead)).json()["execution"] == "executed")

        await eventually(executed, "the effect")


async def test_request_workflow_activity_model_and_connector_are_one_trace_without_content(
    line: Line, proposer: Proposer
) -> None:
    proposer.account.overdue_invoice()
    office = await by_the_model(proposer.office)
    await line.worker.start()
    await carried_out(office, line.api.url)
    spans = line.stop()
    told = line.collector
    [start], [decision] = told.named(_START), told.named(_DECIDE)
    assert (start.service, start.attributes["http.response.status_code"]) == ("api", 202)
    below = [span for span in spans if span.trace_id == start.trace_id]
    assert {span.service for span in below} == {"api", "worker"}
    run = ["workflow agent_run", "workflow playbook_run", _START]
    chats = told.named("chat gpt-5.6-sol")
    assert len(chats) >= 2
    assert all(told.lineage(chat) == [chat.name, _LOOK, *run] for chat in chats)
    [sent] = told.named("POST /v1/invoices/{id}/send")
    assert told.lineage(sent) == [sent.name, "activity carry_out_effect", *run]
    assert sent.trace_id == chats[0].trace_id == start.trace_id
    assert "GET /v1/invoices" in {span.name for span in below}
    woken = [span for span in told.named("signal wake") if span in below]
    request_id = decision.attributes["countersign.request_id"]
    assert {span.attributes["countersign.request_id"] for span in woken} == {request_id}
    assert sent.attributes["countersign.request_id"] == request_id
    assert {span.attributes["countersign.org_id"] for span in below} == {str(office.org_id)}
    everything = "".join(span.text for span in spans)
    assert [word for word in _WORDS if word in everything] == []
    assert [span.name for span in spans if "health" in span.name] == []
    assert [said for said in line.logs().splitlines() if any(word in said for word in _WORDS)] == []


async def test_failed_calls_are_told_by_their_code_alone(line: Line, proposer: Proposer) -> None:
    proposer.account.overdue_invoice()
    proposer.account.misfortune("500", "GET", "/v1/invoices/")
    office = await by_the_model(proposer.office)
    await line.worker.start()
    await carried_out(office, line.api.url)
    failed = [span for span in line.stop() if span.failed]
    assert {span.name for span in failed} >= {"GET /v1/invoices/{id}", "activity read_subject"}
    codes = {span.name: span.attributes["error.type"] for span in failed}
    assert codes["GET /v1/invoices/{id}"] == "500"
    assert codes["activity read_subject"] == "upstream_failed"
    logs = line.logs()
    assert "activity.failed" in logs
    tokens = [(await office.tokens("lead")).access.partition(".")[0], proposer.account.api.key]
    assert [word for word in (*_WORDS, *tokens, "@people.example") if word in logs] == []
