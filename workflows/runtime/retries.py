"""What the engine has tried again goes into the trace of the run: once per activity and attempt, with the reason.

A first attempt costs nothing here, and an attempt goes on when its predecessor's end cannot be told.
"""

import asyncio
from datetime import UTC

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import TimeoutError as EngineTimeoutError
from temporalio.exceptions import TimeoutType
from temporalio.service import RPCError

from backend.core.clock import now
from backend.core.errors import AppError
from backend.core.logging import describe
from backend.runs.service import Step, add_step
from workflows.contracts import organization_of, run_of
from workflows.runtime.failures import sentence
from workflows.runtime.resources import transaction

_PATIENCE = 3  # seconds
_LOST = "The worker did not answer any more (no heartbeat)"
_SLOW = "It took longer than it may, or its worker was lost"
_UNKNOWN = "The engine does not say why"
_PASSING = (
    OSError,
    RPCError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    AppError,
)
_log = structlog.get_logger()


async def note_retry(info: activity.Info) -> None:
    """Write down that this is a further attempt, and why there has to be one."""
    run_id = run_of(info.workflow_id or "") if info.attempt > 1 else None
    if run_id is None:
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            step = await _step(info)
            async with transaction(organization_of(info.workflow_id or "")) as session:
                await add_step(session, run_id, step)
    except _PASSING as error:
        _log.warning("retry.untold", error=describe(error), attempt=info.attempt)


async def _step(info: activity.Info) -> Step:
    """The time between the two attempts, as a step."""
    pending = await _pending(info)
    reason, failed_at = _UNKNOWN, info.current_attempt_scheduled_time
    if pending is not None:
        reason = await _reason(info, pending)
        if pending.HasField("last_attempt_complete_time"):
            failed_at = pending.last_attempt_complete_time.ToDatetime(UTC)
    return Step(
        key=f"retry/{info.workflow_run_id}/{info.activity_id}/{info.attempt}",
        kind="retry",
        name=info.activity_type,
        summary=f"Attempt {info.attempt} after a failure: {reason}",
        started_at=min(failed_at, info.started_time),
        finished_at=now(),
    )


async def _pending(info: activity.Info) -> PendingActivityInfo | None:
    """What the engine knows of this activity."""
    handle = activity.client().get_workflow_handle(
        info.workflow_id or "", run_id=info.workflow_run_id
    )
    described = await handle.describe()
    found = described.raw_description.pending_activities
    return next((one for one in found if one.activity_id == info.activity_id), None)


async def _reason(info: activity.Info, pending: PendingActivityInfo) -> str:
    """The failure of the attempt before, for a person."""
    if not pending.HasField("last_failure"):
        return _UNKNOWN
    context = WorkflowSerializationContext(
        namespace=info.namespace, workflow_id=info.workflow_id or ""
    )
    converter = activity.client().data_converter.with_context(context)
    error = await converter.decode_failure(pending.last_failure)
    if isinstance(error, EngineTimeoutError):
        return _LOST if error.type is TimeoutType.HEARTBEAT else _SLOW
    return sentence(error)
