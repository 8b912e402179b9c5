"""The way to the workflow engine for everybody outside the worker: connect, start, wake.

Imports no agent library: the API uses this module.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from temporalio.client import Client, Plugin
from temporalio.common import Priority, WorkflowIDReusePolicy
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    ExternalStorage,
    PayloadConverter,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RetryConfig, RPCError, RPCStatusCode

from backend.core.crypto import Keys
from backend.core.ids import ConnectionId, OrgId, PlaybookId, RunId
from backend.core.logging import describe
from backend.core.settings import Settings
from workflows import search_attributes
from workflows.contracts import (
    WAKE,
    AgentRunInput,
    EventsInput,
    PlaybookRunInput,
    Process,
    workflow_id,
)
from workflows.pollers import pollers
from workflows.queues import AGENTS, DEFAULT, STEP_WITHIN, SYNC
from workflows.runtime.codec import TenantCodec
from workflows.runtime.converter import ContractConverter
from workflows.runtime.headers import CauseSender
from workflows.schedules import next_run

CALL_SECONDS = 3
_RETRY = RetryConfig(
    initial_interval_millis=50,
    multiplier=1.5,
    max_interval_millis=400,
    max_elapsed_time_millis=2000,
    max_retries=20,
)
_log = structlog.get_logger()


def data_converter(
    keys: Keys,
    payload_converter: type[PayloadConverter] = ContractConverter,
    storage: ExternalStorage | None = None,
) -> DataConverter:
    """Encrypted per organization; failure texts are encrypted too, their ``type`` stays readable."""
    return DataConverter(
        payload_converter_class=payload_converter,
        payload_codec=TenantCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
        external_storage=storage,
    )


async def connect(
    settings: Settings,
    *,
    payload_converter: type[PayloadConverter] = ContractConverter,
    plugins: Sequence[Plugin] = (),
    storage: ExternalStorage | None = None,
    lazy: bool = False,
) -> Client:
    """A client of the configured engine. A lazy one connects at its first call and survives outages."""
    temporal = settings.temporal
    return await Client.connect(
        temporal.address,
        namespace=temporal.namespace,
        tls=temporal.tls,
        api_key=temporal.api_key,
        data_converter=data_converter(settings.keys, payload_converter, storage),
        plugins=plugins,
        interceptors=[CauseSender()],
        retry_config=_RETRY,
        lazy=lazy,
    )


async def start_playbook_run(client: Client, org_id: OrgId, run_id: RunId) -> None:
    """Start the run's workflow; one that was started before is left alone."""
    try:
        await client.start_workflow(
            Process.PLAYBOOK_RUN,
            PlaybookRunInput(org_id, run_id),
            id=workflow_id(Process.PLAYBOOK_RUN, org_id, run_id),
            task_queue=DEFAULT,
            task_timeout=STEP_WITHIN,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=search_attributes.at_start(org_id),
            priority=Priority(fairness_key=str(org_id)),
            rpc_timeout=timedelta(seconds=CALL_SECONDS),
        )
    except WorkflowAlreadyStartedError:
        _log.debug("workflow.start.repeated", run_id=str(run_id))


async def start_undo_run(client: Client, org_id: OrgId, run_id: RunId) -> None:
    """Start the workflow of a run that undoes a proposal; one that was started before is left alone."""
    try:
        await client.start_workflow(
            Process.AGENT_RUN,
            AgentRunInput(org_id, run_id, run_id, undo=True),
            id=workflow_id(Process.AGENT_RUN, org_id, run_id),
            task_queue=AGENTS,
            task_timeout=STEP_WITHIN,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=search_attributes.at_start(org_id),
            priority=Priority(fairness_key=str(org_id)),
            rpc_timeout=timedelta(seconds=CALL_SECONDS),
        )
    except WorkflowAlreadyStartedError:
        _log.debug("workflow.start.repeated", run_id=str(run_id))


async def wake_run(client: Client, org_id: OrgId, run_id: RunId) -> None:
    """Make a waiting run look at the database; one that has ended needs no waking."""
    handle = client.get_workflow_handle(workflow_id(Process.AGENT_RUN, org_id, run_id))
    try:
        await handle.signal(WAKE, rpc_timeout=timedelta(seconds=CALL_SECONDS))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        _log.debug("workflow.wake.ended", run_id=str(run_id))


async def end_run(client: Client, org_id: OrgId, run_id: RunId, *, at_once: bool) -> None:
    """Cancel the run's workflow, or terminate it ``at_once``; one that has ended needs no ending.

    A run is of one process; who asks does not know of which.
    """
    limit = timedelta(seconds=CALL_SECONDS)
    for process in (Process.PLAYBOOK_RUN, Process.AGENT_RUN):
        handle = client.get_workflow_handle(workflow_id(process, org_id, run_id))
        try:
            if at_once:
                await handle.terminate(reason="terminated in Countersign", rpc_timeout=limit)
            else:
                await handle.cancel(rpc_timeout=limit)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def apply_events(client: Client, org_id: OrgId, connection_id: ConnectionId) -> None:
    """Have what came in by a connection applied: wake the workflow that does it, or start it."""
    await client.start_workflow(
        Process.CONNECTOR_EVENTS,
        EventsInput(org_id, connection_id),
        id=workflow_id(Process.CONNECTOR_EVENTS, org_id, connection_id),
        task_queue=SYNC,
        task_timeout=STEP_WITHIN,
        start_signal=WAKE,
        search_attributes=search_attributes.at_start(org_id),
        priority=Priority(fairness_key=str(org_id)),
        rpc_timeout=timedelta(seconds=CALL_SECONDS),
    )


class Workflows:
    """For the API, after a commit: every call is bounded and never raises; the outbox row stays for the relay."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    async def start_playbook_run(self, org_id: OrgId, run_id: RunId) -> None:
        """Start at once what the outbox would start a moment later."""
        await self._try("start", lambda client: start_playbook_run(client, org_id, run_id))

    async def start_undo_run(self, org_id: OrgId, run_id: RunId) -> None:
        """Start at once what the outbox would start a moment later."""
        await self._try("start", lambda client: start_undo_run(client, org_id, run_id))

    async def wake(self, org_id: OrgId, run_id: RunId) -> None:
        """Wake at once what the outbox would wake a moment later."""
        await self._try("wake", lambda client: wake_run(client, org_id, run_id))

    async def end(self, org_id: OrgId, run_id: RunId, *, at_once: bool) -> None:
        """End at once what the outbox would end a moment later; the run's children are left to the outbox."""
        await self._try("end", lambda client: end_run(client, org_id, run_id, at_once=at_once))

    async def apply_events(self, org_id: OrgId, connection_id: ConnectionId) -> None:
        """Have events applied at once that the outbox would have applied a moment later."""
        await self._try("apply", lambda client: apply_events(client, org_id, connection_id))

    async def next_run(self, org_id: OrgId, playbook_id: PlaybookId) -> datetime | None:
        """When the playbook's schedule starts it next; None also when the engine does not answer."""
        found: list[datetime | None] = []

        async def ask(client: Client) -> None:
            found.append(await next_run(client, org_id, playbook_id))

        await self._try("next_run", ask)
        return found[0] if found else None

    async def ready(self) -> bool:
        """Whether the engine answers."""
        return await self._try("health", _health)

    async def pollers(self) -> Mapping[str, Sequence[str]] | None:
        """Which workers come to each task queue; None when the engine does not answer."""
        found: list[Mapping[str, Sequence[str]]] = []

        async def ask(client: Client) -> None:
            found.append(await pollers(client))

        await self._try("pollers", ask)
        return found[0] if found else None

    async def close(self) -> None:
        """Let the connection go."""
        self._client = None

    async def _try(self, what: str, call: Callable[[Client], Awaitable[None]]) -> bool:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                if self._client is None:
                    self._client = await connect(self._settings, lazy=True)
                await call(self._client)
        except (TimeoutError, RPCError, RuntimeError) as error:
            _log.warning("workflow.call.failed", call=what, error=describe(error))
            return False
        return True


async def _health(client: Client) -> None:
    await client.service_client.check_health(timeout=timedelta(seconds=CALL_SECONDS))
