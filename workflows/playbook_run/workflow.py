"""One run of a playbook: brings the records up to date, finds the candidates, lets one agent run look at each.

It ends when every child has proposed or ended; children that wait for people go on without it.
"""

import asyncio
from asyncio import Task
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import Priority, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from backend.core.ids import ConnectionId, RunId
    from workflows import search_attributes
    from workflows.contracts import (
        SETTLED,
        AgentRunInput,
        ChildrenPage,
        Ending,
        OpenedRun,
        PlaybookRunInput,
        Process,
        RunRef,
        Settled,
        Steps,
        SyncInput,
        workflow_id,
    )
    from workflows.playbook_run import activities
    from workflows.queues import AGENTS, STEP_WITHIN, SYNC
    from workflows.runtime import policies
    from workflows.runtime.failures import code_of, sentence
    from workflows.stopping import stop_run


@workflow.defn(name=Process.PLAYBOOK_RUN)
class PlaybookRun:
    """Keeps at most so many children at work at a time."""

    @workflow.init
    def __init__(self, given: PlaybookRunInput) -> None:
        self._given = given
        self._run = RunRef(given.org_id, given.run_id)
        self._working: set[RunId] = set()
        self._broken: list[RunId] = []

    @workflow.signal(name=SETTLED)
    def settled(self, settled: Settled) -> None:
        """A child has proposed or ended."""
        self._working.discard(settled.run_id)

    @workflow.run
    async def run(self, given: PlaybookRunInput) -> None:
        """From the request to the outcome; children that wait for people are cancelled on their own."""
        try:
            await self._see_to_children(given)
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
            last = Steps(given.org_id, given.run_id, ())
            await asyncio.shield(workflow.execute_activity(stop_run, last, **policies.DATABASE))
            self._show("cancelled", None)
            raise

    async def _see_to_children(self, given: PlaybookRunInput) -> None:
        try:
            opened = await workflow.execute_activity(
                activities.open_run, self._run, **policies.DATABASE
            )
            self._show("running", opened.playbook_id)
            if given.after is None:
                await self._find_candidates(opened)
            await self._work_through(opened)
            await workflow.execute_activity(activities.conclude, self._run, **policies.DATABASE)
        except (ActivityError, ChildWorkflowError) as error:
            if is_cancelled_exception(error):
                raise
            await self._fail(self._run.run_id, sentence(error))
            ended = isinstance(error, ActivityError) and code_of(error) == "run_ended"
            self._show("cancelled" if ended else "failed", None)
        else:
            self._show("completed", None)

    async def _find_candidates(self, opened: OpenedRun) -> None:
        for connection_id in opened.connections:
            await self._sync(connection_id)
        await workflow.execute_activity(activities.open_children, self._run, **policies.SYNC)

    async def _sync(self, connection_id: ConnectionId) -> None:
        given = SyncInput(self._run.org_id, connection_id)
        try:
            await workflow.execute_child_workflow(
                Process.CONNECTOR_SYNC,
                given,
                id=workflow_id(Process.CONNECTOR_SYNC, given.org_id, connection_id),
                task_queue=SYNC,
                task_timeout=STEP_WITHIN,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,  # others wait for it too
                search_attributes=search_attributes.at_start(given.org_id),
                priority=Priority(fairness_key=str(given.org_id)),
            )
        except WorkflowAlreadyStartedError:
            await workflow.execute_activity(activities.await_sync, given, **policies.SYNC)

    async def _work_through(self, opened: OpenedRun) -> None:
        after, more = self._given.after, True
        while more:
            page = await workflow.execute_activity(
                activities.list_children,
                ChildrenPage(self._run.org_id, self._run.run_id, after),
                **policies.DATABASE,
            )
            for run_id in page.run_ids:
                await workflow.wait_condition(lambda: len(self._working) < opened.max_in_flight)
                await self._start(run_id, opened.playbook_id)
            await workflow.wait_condition(lambda: not self._working)
            for run_id in self._broken:
                await self._fail(run_id, "The run was ended from outside before it had proposed")
            self._broken.clear()
            after, more = page.run_ids[-1] if page.run_ids else after, page.more
            if more and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(replace(self._given, after=after))

    async def _start(self, run_id: RunId, playbook_id: UUID) -> None:
        org_id = self._run.org_id
        self._working.add(run_id)
        try:
            child = await workflow.start_child_workflow(
                Process.AGENT_RUN,
                AgentRunInput(org_id, run_id, self._run.run_id, playbook_id),
                id=workflow_id(Process.AGENT_RUN, org_id, run_id),
                task_queue=AGENTS,
                task_timeout=STEP_WITHIN,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
                search_attributes=search_attributes.at_start(org_id, playbook_id),
                priority=Priority(fairness_key=str(org_id)),
            )
        except WorkflowAlreadyStartedError:
            self._working.discard(run_id)
            return
        child.add_done_callback(partial(self._child_ended, run_id))

    def _child_ended(self, run_id: RunId, child: Task[Any]) -> None:
        """Also one that was terminated and could not say that it has settled."""
        if not child.cancelled() and child.exception() is not None:
            self._broken.append(run_id)
        self._working.discard(run_id)

    async def _fail(self, run_id: RunId, why: str) -> None:
        ending = Ending(self._run.org_id, run_id, error=why)
        await workflow.execute_activity(activities.fail_run, ending, **policies.DATABASE)

    def _show(self, state: str, playbook_id: UUID | None) -> None:
        workflow.upsert_search_attributes([search_attributes.STATE.value_set(state)])
        if playbook_id is not None:
            playbook = search_attributes.PLAYBOOK.value_set(str(playbook_id))
            workflow.upsert_search_attributes([playbook])
