"""Ends a run as a person does, and waits for what becomes of its workflow."""

from uuid import UUID

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus

from backend.core.ids import RunId
from backend.proposals.ending import EndInput, end_run
from backend.runs.closing import Way
from tenancy.session import tenant
from tests.desk import Desk
from tests.waiting import eventually
from workflows import search_attributes
from workflows.contracts import Process, workflow_id


async def end(desk: Desk, run_id: UUID, way: Way = Way.CANCEL) -> None:
    """As the lead; the outbox carries it to the engine."""
    async with tenant(desk.database, desk.lead.tenant) as session:
        await end_run(session, desk.lead, RunId(run_id), EndInput(way, "The wrong playbook"))


async def resting(client: Client, desk: Desk, run_id: UUID) -> None:
    """The run's workflow has looked at its proposal and waits: its timer runs."""
    handle = client.get_workflow_handle(workflow_id(Process.AGENT_RUN, desk.org_id, run_id))

    async def look() -> bool:
        history = await handle.fetch_history()
        return any(one.HasField("timer_started_event_attributes") for one in history.events)

    await eventually(look, f"{handle.id} waits")


async def closed(
    client: Client, desk: Desk, process: Process, run_id: UUID
) -> WorkflowExecutionDescription:
    """How the workflow of a run has ended."""
    handle = client.get_workflow_handle(workflow_id(process, desk.org_id, run_id))

    async def look() -> WorkflowExecutionDescription | None:
        found = await handle.describe()
        return found if found.status is not WorkflowExecutionStatus.RUNNING else None

    return await eventually(look, f"the end of {handle.id}", seconds=90)


def state_of(found: WorkflowExecutionDescription) -> str | None:
    """The state as Temporal's own pages show it."""
    return found.typed_search_attributes.get(search_attributes.STATE)
