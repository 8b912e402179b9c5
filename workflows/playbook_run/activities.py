"""What a playbook run asks of the domain: its own state, the candidates, its children."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import WorkflowFailureError

from backend.connectors import repository as records
from backend.core import outside
from backend.core.clock import now
from backend.core.ids import ConnectionId
from backend.playbooks.candidates import SOURCES, Source
from backend.playbooks.service import get_playbook
from backend.runs import repository
from backend.runs.service import (
    Run,
    RunInputs,
    RunState,
    Step,
    add_step,
    begin,
    load_run,
    open_child,
    set_state,
)
from workflows.contracts import (
    Children,
    ChildrenPage,
    Ending,
    OpenedRun,
    Process,
    RunRef,
    SyncInput,
    workflow_id,
)
from workflows.runtime.resources import current, transaction

_PAGE = 200


@activity.defn
async def open_run(run: RunRef) -> OpenedRun:
    """Begin the run and say what it works with."""
    connectors = current().connectors
    async with transaction(run.org_id) as session:
        await begin(session, run.run_id)
        row = await load_run(session, run.run_id)
        playbook = await get_playbook(session, row.playbook_id, row.playbook_version)
        definition = playbook.definition
        vendors = {connectors.action(name).vendor for name in definition.actions}
        if "record_id" in row.inputs:  # it was read anew just before the run was requested
            vendors = set()
        connections = [
            ConnectionId(connection.id)
            for vendor in sorted(vendors)
            for connection in await records.connections_to(session, vendor)
        ]
    return OpenedRun(playbook.id, tuple(connections), definition.max_in_flight)


@activity.defn
async def await_sync(sync: SyncInput) -> None:
    """Wait for a sync that somebody else has started; if that fails, the records are as good as they are."""
    sync_id = workflow_id(Process.CONNECTOR_SYNC, sync.org_id, sync.connection_id)
    try:
        async with outside.waiting():
            await activity.client().get_workflow_handle(sync_id).result()
    except WorkflowFailureError:
        activity.logger.warning("the sync that was under way has failed")


@activity.defn
async def open_children(run: RunRef) -> None:
    """Find the candidates and open a child run for each; asking again opens no second one."""
    began = now()
    async with transaction(run.org_id) as session:
        row = await load_run(session, run.run_id)
        source = await _source(session, row)
        inputs = msgspec.convert(row.inputs, RunInputs)
        candidates = await source.find(session, inputs.given, inputs.record_id)
        for candidate in candidates:
            await open_child(
                session,
                run.run_id,
                candidate.subject_id,
                kind=candidate.kind,
                target_id=candidate.target_id,
            )
        summary = f"Found {source.count(len(candidates))} {source.finding}"
        step = Step("candidates", "read", "candidates", summary, began, now())
        await add_step(session, run.run_id, step)


@activity.defn
async def list_children(page: ChildrenPage) -> Children:
    """One page of the run's children."""
    async with transaction(page.org_id) as session:
        found = await repository.child_ids(session, page.run_id, page.after, _PAGE + 1)
    return Children(tuple(found[:_PAGE]), more=len(found) > _PAGE)


@activity.defn
async def conclude(run: RunRef) -> None:
    """The run is over: say how its children stand."""
    async with transaction(run.org_id) as session:
        source = await _source(session, await load_run(session, run.run_id))
        counts = (await repository.by_ids(session, [run.run_id]))[run.run_id].counts
        outcome = (
            f"{source.count(counts.candidates)} looked at: {_proposals(counts.proposed)}, "
            f"{counts.nothing_to_do} with nothing to do, {counts.failed} failed"
        ) + (f", {counts.cancelled} cancelled" if counts.cancelled else "")
        if await set_state(session, run.run_id, RunState.COMPLETED, outcome=outcome):
            step = Step("record", "record", "conclude", outcome, now(), now())
            await add_step(session, run.run_id, step)


@activity.defn
async def fail_run(ending: Ending) -> None:
    """The run, or one of its children that cannot say so itself, has broken."""
    async with transaction(ending.org_id) as session:
        await set_state(session, ending.run_id, RunState.FAILED, error=ending.error)


async def _source(session: AsyncSession, run: Run) -> Source:
    playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
    return SOURCES[playbook.definition.candidates]


def _proposals(number: int) -> str:
    return "1 proposal" if number == 1 else f"{number} proposals"
