"""Histories that were just made replay with today's code; ``--save-histories`` keeps them for tests/replay."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowHistory

from backend.connectors import repository as records
from backend.connectors import webhooks
from backend.connectors.webhook_models import InboundEvent
from backend.core.ids import ConnectionId, RunId
from backend.core.settings import Settings
from backend.playbooks import duplicate_customers, failed_payments
from backend.playbooks.switching import switch
from backend.playbooks.triggers import Schedule, TriggerKind, scheduled
from backend.proposals.decisions import DecisionKind
from backend.runs.trigger_models import FiringRow
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.deliveries import SECRET, body_of, events_of, sign
from tests.desk import Desk, OpenDesk
from tests.replaying import FOLDER, replay
from tests.waiting import eventually
from workflows.client import connect
from workflows.contracts import Process, workflow_id

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


@pytest.fixture
def saved(request: pytest.FixtureRequest) -> Path | None:
    return FOLDER if request.config.getoption("--save-histories", default=False) else None


async def test_histories_of_every_workflow_replay_with_the_code_that_made_them(
    desk: Desk, account: Account, client: Client, saved: Path | None
) -> None:
    contested = {"description": "It arrived damaged.", "metadata[disputed_amount]": "4500"}
    account.overdue_invoice(params=contested)
    account.overdue_invoice(params={"metadata[promised_date]": "2999-01-01"})
    run_id = await desk.start()
    await desk.finished(run_id)
    [view] = await desk.proposed(run_id)
    await desk.decide(view, DecisionKind.APPROVE)
    await desk.finished(RunId(view.row.run_id))
    others = [c.row.id for c in await desk.children(run_id) if c.row.id != view.row.run_id]
    await _replayed(
        client,
        saved,
        {
            "playbook_run": workflow_id(Process.PLAYBOOK_RUN, desk.org_id, run_id),
            "connector_sync": workflow_id(
                Process.CONNECTOR_SYNC, desk.org_id, view.row.connection_id
            ),
            "agent_run_executed": workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id),
            "agent_run_nothing_to_do": workflow_id(Process.AGENT_RUN, desk.org_id, others[0]),
        },
    )


async def test_histories_of_the_other_playbooks_replay_with_the_code_that_made_them(
    opened: OpenDesk, account: Account, client: Client, saved: Path | None
) -> None:
    account.doubled_customer()
    account.declined_invoice("pm_card_visa")
    for playbook in (duplicate_customers, failed_payments):
        desk = await opened(definition=playbook.definition("rules:default"))
        view = await desk.one_proposal()
        await desk.decide(view, DecisionKind.APPROVE)
        await desk.finished(RunId(view.row.run_id))
        one = workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
        name = playbook.SLUG.replace("-", "_")
        await _replayed(client, saved, {f"agent_run_{name}": one})


async def test_history_of_a_schedules_firing_replays_with_the_code_that_made_it(
    opened: OpenDesk, client: Client, saved: Path | None
) -> None:
    every_second = scheduled(Schedule(every_seconds=1))
    desk = await opened(definition=replace(quick(), triggers=(every_second,)))

    async def turn(*, on: bool) -> None:
        async with tenant(desk.database, desk.lead.tenant) as session:
            kind = TriggerKind.SCHEDULE
            await switch(session, desk.lead, desk.playbook.id, kind, enabled=on)

    async def fired() -> str | None:
        async with tenant(desk.database, desk.context) as session:
            return await session.scalar(select(FiringRow.key).limit(1))

    await turn(on=True)
    firing = await eventually(fired, "a firing")
    await turn(on=False)
    await _replayed(client, saved, {"scheduled_run": firing})


async def test_history_of_events_replays_with_the_code_that_made_it(
    desk: Desk, account: Account, client: Client, saved: Path | None
) -> None:
    customer = account.api.customer()
    account.misfortune("500", "GET", f"/v1/customers/{customer['id']}$")
    async with tenant(desk.database, desk.context) as session:
        [connection] = await records.connections_to(session, "stripe")
        connection_id = ConnectionId(connection.id)
        await webhooks.keep_secrets(session, desk.connectors.keys, connection_id, [SECRET])
    for event in events_of(account.api):
        body = body_of(event)
        await webhooks.receive(
            desk.database,
            desk.connectors,
            "stripe",
            connection_id,
            headers={"Stripe-Signature": sign(body)},
            body=body,
        )

    async def applied() -> bool:
        async with tenant(desk.database, desk.context) as session:
            return await session.scalar(select(InboundEvent.state)) == "applied"

    await eventually(applied, "the event, at the second attempt")
    one = workflow_id(Process.CONNECTOR_EVENTS, desk.org_id, connection_id)
    await _replayed(client, saved, {"connector_events": one})


async def _replayed(client: Client, saved: Path | None, names: dict[str, str]) -> None:
    for name, one in names.items():
        handle = client.get_workflow_handle(one)
        await handle.result()
        history: WorkflowHistory = await handle.fetch_history()
        await replay(history)
        if saved is not None:
            kept = {"workflowId": one, **json.loads(history.to_json())}
            (saved / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
