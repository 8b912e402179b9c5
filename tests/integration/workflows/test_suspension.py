"""No activity works for a suspended organization; resumed, it goes on where it was and loses nothing."""

import pytest
from temporalio.client import Client

from backend.core.ids import RunId
from backend.core.settings import Settings
from backend.playbooks.policy import Policy
from backend.proposals.decisions import DecisionKind
from backend.runs.trace import trace_of
from tenancy.models.organization import Organization
from tenancy.organizations import resume, suspend
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.replaying import replay
from tests.waiting import eventually
from workflows.client import connect
from workflows.contracts import Process, workflow_id
from workflows.runtime.resumption import AWAIT_RESUMPTION

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def client(settings: Settings) -> Client:
    return await connect(settings)


async def slug_of(desk: Desk) -> str:
    async with tenant(desk.database, desk.context) as session:
        return (await session.get_one(Organization, desk.org_id)).slug


async def waits(client: Client, name: str, *, tries: int = 1) -> None:
    """Until the workflow waits for its organization and has been refused so often."""

    async def look() -> bool:
        described = await client.get_workflow_handle(name).describe()
        return any(
            one.activity_type.name == AWAIT_RESUMPTION and one.attempt > tries
            for one in described.raw_description.pending_activities
        )

    await eventually(look, f"{name} waits")


async def test_approved_effect_when_suspended_before_dispatch_is_sent_once_after_the_resumption(
    opened: OpenDesk, account: Account, client: Client
) -> None:
    desk = await opened(definition=quick(policy=Policy(hold_seconds=1)))
    invoice = account.overdue_invoice()
    before = account.invoice(invoice["id"])
    view = await desk.one_proposal()
    await desk.decide(view, DecisionKind.APPROVE)
    slug = await slug_of(desk)
    await suspend(desk.database, slug, "unpaid")
    name = workflow_id(Process.AGENT_RUN, desk.org_id, view.row.run_id)
    await waits(client, name, tries=2)
    assert (await desk.proposal(view)).row.execution == "queued"
    assert account.invoice(invoice["id"]) == before
    await resume(desk.database, slug)
    done = await desk.executed(view)
    assert done.effect is not None
    assert account.carried_out(str(done.effect.id)) == 1
    run = await desk.finished(RunId(view.row.run_id))
    assert run.row.outcome == f"Executed: {view.row.sentence}"
    async with tenant(desk.database, desk.context) as session:
        assert [s for s in await trace_of(session, run) if s.kind == "retry"] == []
    await replay(await client.get_workflow_handle(name).fetch_history())


async def test_run_when_suspended_asks_no_model_and_goes_on_after_the_resumption(
    desk: Desk, account: Account, client: Client
) -> None:
    account.overdue_invoice()
    slug = await slug_of(desk)
    await suspend(desk.database, slug, "unpaid")
    run_id = await desk.start()
    await waits(client, workflow_id(Process.PLAYBOOK_RUN, desk.org_id, run_id))
    assert await desk.children(run_id) == []
    await resume(desk.database, slug)
    await desk.finished(run_id)
    [view] = await desk.proposed(run_id)
    assert view.row.decision == "pending"


async def test_run_when_cancelled_while_suspended_ends_after_the_resumption(
    desk: Desk, account: Account, client: Client
) -> None:
    account.overdue_invoice()
    slug = await slug_of(desk)
    await suspend(desk.database, slug, "unpaid")
    run_id = await desk.start()
    name = workflow_id(Process.PLAYBOOK_RUN, desk.org_id, run_id)
    await waits(client, name)
    await client.get_workflow_handle(name).cancel()
    await resume(desk.database, slug)

    async def ended() -> bool:
        return (await desk.run(run_id)).row.state == "cancelled"

    await eventually(ended, "the end of the run")
    assert await desk.children(run_id) == []
