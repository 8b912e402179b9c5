"""What a model says at length stays out of the histories: every payload is encrypted and small."""

import asyncio
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from backend.core.ids import RunId
from backend.core.settings import Settings
from backend.playbooks import duplicate_customers, failed_payments
from backend.proposals.decisions import DecisionKind
from backend.runs.payload_models import StoredPayload
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.payloads import is_reference, payloads_of, wrong
from tests.providers import Call, Plan, Provider
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process, workflow_id

_MODEL = "openai:gpt-5.6-sol"
_LONG = "The customer has always paid in the end. " * 2500  # 100 kB


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def speaking(
    provider: Provider, environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    own = {
        "COUNTERSIGN_OPENAI_API_KEY": "sk-long",
        "COUNTERSIGN_OPENAI_BASE_URL": f"{provider.url}/v1",
    }
    process = WorkerProcess({**environ, **own}, tmp_path_factory.mktemp("worker") / "log")
    asyncio.run(process.start())
    yield process
    assert process.stop() == 0


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


async def checked(client: Client, desk: Desk, parent: RunId) -> list[Payload]:
    """Look at the histories of a run and its children; the payloads that they hold."""
    ids = [workflow_id(Process.PLAYBOOK_RUN, desk.org_id, parent)]
    ids += [
        workflow_id(Process.AGENT_RUN, desk.org_id, child.row.id)
        for child in await desk.children(parent)
    ]
    found: list[Payload] = []
    for one in ids:
        history = await client.get_workflow_handle(one).fetch_history()
        assert wrong(history) == [], one
        found += payloads_of(history)
    return found


async def test_histories_of_every_playbook_hold_only_small_encrypted_payloads(
    opened: OpenDesk, account: Account, client: Client
) -> None:
    account.doubled_customer()
    account.declined_invoice("pm_card_visa")
    account.overdue_invoice()
    definitions = [
        quick(),
        duplicate_customers.definition("rules:default"),
        failed_payments.definition("rules:default"),
    ]
    for definition in definitions:
        desk = await opened(definition=definition)
        run_id = await desk.start()
        await desk.finished(run_id)
        view, *_ = await desk.proposed(run_id)
        await desk.decide(view, DecisionKind.REJECT, reason="only looked at")
        await desk.finished(RunId(view.row.run_id))
        assert len(await checked(client, desk, run_id)) > 10


async def test_histories_when_a_model_answers_at_great_length_hold_only_small_payloads(
    opened: OpenDesk, account: Account, client: Client, provider: Provider
) -> None:
    account.overdue_invoice()
    long = {"plan": [_LONG], "confidence": 0.5, "summary": "x", "reasoning": _LONG}
    provider.plan(Plan(calls=[Call("long-1", "send_reminder", long)]))
    desk = await opened(definition=quick(_MODEL))
    run_id = await desk.start()
    await desk.finished(run_id)
    assert [one for one in await checked(client, desk, run_id) if is_reference(one)]
    async with tenant(desk.database, desk.context) as session:
        stored = (await session.scalars(select(StoredPayload.data))).all()
    assert max(map(len, stored)) > 2 * len(_LONG)
    assert [data for data in stored if b"always paid in the end" in data] == []
