"""Around every activity: the tenant and its status are checked, resources and log context bound, failures mapped."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from opentelemetry.trace import SpanKind
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from backend.core import cause, telemetry
from backend.core.cause import Cause
from backend.core.errors import AppError
from backend.core.ids import OrgId
from tenancy.organizations import require_active
from workflows.contracts import organization_of
from workflows.runtime.about import about
from workflows.runtime.failures import application_error
from workflows.runtime.headers import take
from workflows.runtime.resources import Resources, bound
from workflows.runtime.resumption import AWAIT_RESUMPTION
from workflows.runtime.retries import note_retry
from workflows.runtime.turns import Turns

_log = structlog.get_logger()


class TenantInterceptor(Interceptor):
    """For the worker: what an activity works with, and for whom."""

    def __init__(self, resources: Resources, turns: Turns) -> None:
        self._resources = resources
        self._turns = turns

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap the activity."""
        return _Inbound(next, self._resources, self._turns)


class _Inbound(ActivityInboundInterceptor):
    def __init__(
        self, inner: ActivityInboundInterceptor, resources: Resources, turns: Turns
    ) -> None:
        super().__init__(inner)
        self._resources = resources
        self._turns = turns

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401
        info = activity.info()
        org_id = organization_of(info.workflow_id or "")
        check_tenant(org_id, input.args)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            org_id=str(org_id), workflow_id=info.workflow_id, activity=info.activity_type
        )
        origin = take(input.headers)
        with (
            bound(self._resources),
            cause.bound(origin),
            telemetry.about(_attributes(info, origin)),
        ):
            try:
                with telemetry.span(f"activity {info.activity_type}", SpanKind.CONSUMER, {}):
                    async with _heartbeats(), self._turns.turn(org_id, _age(info)):
                        await self._admit(info, org_id)
                        return await super().execute_activity(input)
            except AppError as error:
                _log.warning("activity.failed", code=error.code, attempt=info.attempt)
                raise application_error(error) from error

    async def _admit(self, info: activity.Info, org_id: OrgId) -> None:
        """No activity works for a suspended organization; the workflow then waits until it is resumed."""
        if info.activity_type != AWAIT_RESUMPTION:
            await require_active(self._resources.database, org_id)
            await note_retry(info)


def _age(info: activity.Info) -> str:
    """The key of the workflow, which sorts by age for runs: what is begun comes before what is new."""
    return (info.workflow_id or "").rpartition("/")[2]


def _attributes(info: activity.Info, origin: Cause) -> telemetry.Attributes:
    named = {
        **about(info.workflow_id or ""),
        "temporal.activity_id": info.activity_id,
        "temporal.attempt": info.attempt,
    }
    if origin.request_id is not None:
        named["countersign.request_id"] = origin.request_id
    return named


def check_tenant(org_id: OrgId, arguments: Sequence[Any]) -> None:
    """Refuse an activity whose input does not name exactly the organization of its workflow id."""
    named = {getattr(argument, "org_id", None) for argument in arguments} - {None}
    if named != {org_id}:
        raise ApplicationError(
            "the input is not of the organization in the workflow id",
            type="wrong_tenant",
            non_retryable=True,
        )


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    timeout = activity.info().heartbeat_timeout
    if timeout is None:
        yield
        return
    beating = asyncio.create_task(_beat(timeout.total_seconds() / 4))
    try:
        yield
    finally:
        beating.cancel()


async def _beat(every: float) -> None:
    """The first one after a while: most activities are over by then and need no call for it."""
    while True:
        await asyncio.sleep(every)
        activity.heartbeat()
