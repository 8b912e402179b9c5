"""An organization's own key is what its runs use, and it stands nowhere but in the request to the provider."""

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping

import pytest
from google.protobuf.json_format import Parse
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import WorkflowSerializationContext

from backend.core.ids import RunId
from backend.core.settings import ModelAccess, Settings
from backend.playbooks.model_keys import set_key
from tenancy.context import Channel
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.providers import Plan, Provider
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process, workflow_id
from workflows.runtime.codec import TenantCodec

_MODEL = "openai:gpt-5.6-sol"
_KEY = "sk-own-do-not-tell-wxyz"
_ENCRYPTED = base64.b64encode(b"binary/encrypted").decode()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture(scope="module")
def worker(
    environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkerProcess]:
    """A worker of the offline rules: it has no key of any provider."""
    process = WorkerProcess(environ, tmp_path_factory.mktemp("worker") / "log")
    asyncio.run(process.start())
    yield process
    assert process.stop() == 0


@pytest.fixture
async def desk(opened: OpenDesk, account: Account, provider: Provider) -> Desk:
    provider.forget()
    account.overdue_invoice()
    return await opened(definition=quick(_MODEL))


async def with_key(desk: Desk, settings: Settings, access: ModelAccess) -> None:
    """Set the organization's key as an administrator."""
    email = f"ann-{desk.org_id}@brindlemoor.example"
    user_id = await add_user(desk.database, email=email, name="Ann", password="a long password")
    async with tenant(desk.database, desk.context) as session:
        await add_member(session, user_id, Role.ORG_ADMIN, None)
        admin = await load_principal(session, user_id, Channel.REST)
    async with tenant(desk.database, admin.tenant) as session:
        await set_key(session, admin, settings.keys, provider="openai", access=access)


async def test_own_key_is_used_and_stands_in_no_log_no_history_and_no_trace(
    desk: Desk, settings: Settings, provider: Provider, worker: WorkerProcess
) -> None:
    await with_key(desk, settings, ModelAccess(_KEY, f"{provider.url}/v1"))
    provider.plan(Plan(status=500), Plan(status=429, headers={"retry-after-ms": "50"}))
    view = await desk.one_proposal()
    assert set(provider.secrets) == {_KEY}
    client = await connect(settings)
    one = workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
    told = await plain_history(client, one)
    assert b"Bring in what is overdue" in told
    steps = await desk.steps(RunId(view.row.run_id))
    for text in (worker.log(), told.decode(errors="replace"), str(steps), repr(vars(view.row))):
        assert _KEY not in text


@pytest.mark.usefixtures("worker")
async def test_without_any_key_the_run_ends_with_where_to_set_one(desk: Desk) -> None:
    run_id = await desk.start()
    await desk.finished(run_id)
    [child] = await desk.children(run_id)
    assert child.row.error is not None
    assert child.row.error.startswith(f"model {_MODEL} needs a key: an administrator can add")


async def plain_history(client: Client, workflow: str) -> bytes:
    """All payloads of a history as the organization's own codec reads them."""
    history = await client.get_workflow_handle(workflow).fetch_history()
    sealed = list(payloads(json.loads(history.to_json())))
    codec = client.data_converter.payload_codec
    assert isinstance(codec, TenantCodec)
    context = WorkflowSerializationContext(namespace=client.namespace, workflow_id=workflow)
    decoded = await codec.with_context(context).decode(sealed)
    return b"\n".join(payload.data for payload in decoded)


def payloads(part: object) -> Iterator[Payload]:
    """The encrypted payloads in a history as JSON writes it."""
    if isinstance(part, Mapping):
        if part.get("metadata", {}).get("encoding") == _ENCRYPTED:
            yield Parse(json.dumps(part), Payload())
            return
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from payloads(inner)
