"""What lies in the engine's histories: nothing that a person could read, nothing that another tenant could."""

import pytest
from cryptography.exceptions import InvalidTag
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import WorkflowSerializationContext

from backend.core.ids import OrgId, RunId, new_uuid
from backend.core.settings import Settings
from tests.conformance.stripe.account import Account
from tests.desk import Desk
from workflows.client import connect
from workflows.contracts import Process, workflow_id
from workflows.runtime.codec import TenantCodec

pytestmark = pytest.mark.usefixtures("worker")

_SECRETS = (b"Halvorsen Marine", b"Deck coating", b"overdue", b"receivables that", b"EUR")


async def histories(client: Client, desk: Desk, run_id: RunId) -> list[HistoryEvent]:
    ids = [workflow_id(Process.PLAYBOOK_RUN, desk.org_id, run_id)]
    children = await desk.children(run_id)
    ids += [workflow_id(Process.AGENT_RUN, desk.org_id, child.row.id) for child in children]
    found: list[HistoryEvent] = []
    for one in ids:
        found += (await client.get_workflow_handle(one).fetch_history()).events
    return found


async def test_history_when_a_run_has_proposed_holds_no_plain_text(
    desk: Desk, account: Account, settings: Settings
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    parent = (await desk.run(RunId(view.row.run_id))).row.parent_run_id
    assert parent is not None
    events = await histories(await connect(settings), desk, RunId(parent))
    raw = b"".join(event.SerializeToString() for event in events)
    assert len(events) > 50
    assert [word for word in _SECRETS if word in raw] == []
    assert b"binary/encrypted" in raw


async def test_payload_of_one_organization_cannot_be_read_by_another(
    desk: Desk, account: Account, settings: Settings
) -> None:
    account.overdue_invoice()
    run_id = await desk.start()
    await desk.finished(run_id)
    [start, *_] = await histories(await connect(settings), desk, run_id)
    [payload] = start.workflow_execution_started_event_attributes.input.payloads
    own = await codec(settings, desk.org_id).decode([payload])
    assert str(run_id).encode() in own[0].data
    with pytest.raises(InvalidTag):
        await codec(settings, OrgId(new_uuid())).decode([payload])


def codec(settings: Settings, org_id: OrgId) -> TenantCodec:
    context = WorkflowSerializationContext(
        namespace="countersign", workflow_id=workflow_id(Process.AGENT_RUN, org_id, new_uuid())
    )
    return TenantCodec(settings.keys).with_context(context)


async def test_workflow_id_without_an_organization_is_refused_before_anything_is_sent(
    settings: Settings,
) -> None:
    client = await connect(settings)
    with pytest.raises(ValueError, match="is not process/org/key"):
        await client.start_workflow("playbook_run", "secret", id="nobody", task_queue="default")
