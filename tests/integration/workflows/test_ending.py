"""Runs that are ended while they wait: the domain writes it, the outbox ends the workflows, nothing is torn off."""

import json

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from backend.core.ids import RunId
from backend.core.settings import Settings
from backend.playbooks.policy import Policy
from backend.playbooks.service import Definition
from backend.proposals.decisions import DecisionKind
from backend.runs.closing import Way
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.ending import closed, end, resting, state_of
from tests.replaying import FOLDER, replay
from workflows.client import connect
from workflows.contracts import Process, workflow_id

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


async def test_run_cancelled_while_it_waits_ends_its_workflow_and_shows_how_long_it_waited(
    desk: Desk, account: Account, client: Client, request: pytest.FixtureRequest
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    child = await desk.run(RunId(view.row.run_id))
    assert child.row.parent_run_id is not None
    await end(desk, child.row.parent_run_id)
    found = await closed(client, desk, Process.AGENT_RUN, child.row.id)
    assert (found.status, state_of(found)) == (WorkflowExecutionStatus.CANCELED, "cancelled")
    after = await desk.run(RunId(child.row.id))
    assert (after.row.state, after.row.error) == ("cancelled", None)
    assert after.row.outcome == "Cancelled by Ben: The wrong playbook"
    assert (await desk.proposal(view)).row.decision == "withdrawn"
    steps = await desk.steps(RunId(child.row.id))
    assert [step.kind for step in steps][-2:] == ["wait", "record"]
    history = await client.get_workflow_handle(found.id).fetch_history()
    await replay(history)
    if request.config.getoption("--save-histories", default=False):
        kept = {"workflowId": found.id, **json.loads(history.to_json())}
        path = FOLDER / "agent_run_cancelled.json"
        path.write_text(json.dumps(kept, indent=1) + "\n")


async def test_run_terminated_while_it_waits_is_cut_off_and_the_domain_is_whole(
    desk: Desk, account: Account, client: Client
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    await resting(client, desk, view.row.run_id)
    await end(desk, view.row.run_id, Way.TERMINATE)
    found = await closed(client, desk, Process.AGENT_RUN, view.row.run_id)
    assert found.status is WorkflowExecutionStatus.TERMINATED
    after = await desk.run(RunId(view.row.run_id))
    assert after.row.outcome == "Terminated by Ben: The wrong playbook"
    assert (await desk.proposal(view)).row.decision == "withdrawn"


async def test_run_cancelled_in_the_engines_own_pages_ends_here_too(
    desk: Desk, account: Account, client: Client
) -> None:
    account.overdue_invoice()
    view = await desk.one_proposal()
    name = workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
    await client.get_workflow_handle(name).cancel()
    await closed(client, desk, Process.AGENT_RUN, view.row.run_id)
    after = await desk.run(RunId(view.row.run_id))
    assert (after.row.state, after.row.outcome) == (
        "cancelled",
        "Cancelled in the workflow engine",
    )
    assert (await desk.proposal(view)).row.decision == "withdrawn"


async def test_run_with_an_approved_change_goes_on_when_the_engine_cancels_it(
    opened: OpenDesk, account: Account, client: Client
) -> None:
    account.overdue_invoice()
    desk = await opened(definition=_held(seconds=2))
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    name = workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
    await client.get_workflow_handle(name).cancel()
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    found = await closed(client, desk, Process.AGENT_RUN, view.row.run_id)
    assert (found.status, state_of(found)) == (WorkflowExecutionStatus.COMPLETED, "completed")
    await replay(await client.get_workflow_handle(name).fetch_history())


def _held(*, seconds: int) -> Definition:
    return quick(policy=Policy(hold_seconds=seconds))
