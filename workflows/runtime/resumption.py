"""A workflow of a suspended organization waits and goes on where it was: no activity works for it, and none fails.

The worker refuses such an activity before it begins (:mod:`workflows.runtime.interceptors`). The workflow then waits in
an activity that is tried until the organization is resumed, which leaves nothing in the history however long it takes,
and asks for the refused one again, with all of its attempts and under its id: what a model was paid for is found by it.
"""

import asyncio
from dataclasses import replace
from typing import Any, cast

from temporalio import activity
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle, info

from tenancy.organizations import require_active
from tenancy.status import OrganizationSuspendedError
from workflows.contracts import OrganizationRef, organization_of
from workflows.runtime import policies
from workflows.runtime.failures import code_of
from workflows.runtime.resources import current

AWAIT_RESUMPTION = "await_resumption"


@activity.defn(name=AWAIT_RESUMPTION)
async def await_resumption(waiting: OrganizationRef) -> None:
    """Fail, to be tried again, as long as the organization is suspended."""
    try:
        await require_active(current().database, waiting.org_id)
    except OrganizationSuspendedError as error:
        raise ApplicationError(error.message, type=error.code) from error


class Patience(Interceptor):
    """For the worker."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor]:
        """Wrap the workflows."""
        del input
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        first = super().start_activity(input)
        seen_through = asyncio.create_task(self._see_through(input, first))
        # One that is cancelled before it has begun would leave the activity at work.
        seen_through.add_done_callback(lambda _: first.done() or first.cancel())
        return cast("ActivityHandle[Any]", seen_through)

    async def _see_through(self, given: StartActivityInput, handle: ActivityHandle[Any]) -> Any:  # noqa: ANN401 - whatever it answers
        while True:
            try:
                return await handle
            except ActivityError as error:
                if code_of(error) != OrganizationSuspendedError.code:
                    raise
                given = replace(given, activity_id=error.activity_id)
            await super().start_activity(_resumption(given))
            handle = super().start_activity(given)


def _resumption(given: StartActivityInput) -> StartActivityInput:
    """The wait, on the same queue and as important as the activity that was refused."""
    policy = policies.RESUMPTION
    return replace(
        given,
        activity=AWAIT_RESUMPTION,
        activity_id=None,
        args=[OrganizationRef(organization_of(info().workflow_id))],
        start_to_close_timeout=policy["start_to_close_timeout"],
        heartbeat_timeout=policy["heartbeat_timeout"],
        retry_policy=policy["retry_policy"],
        schedule_to_close_timeout=None,
        summary=None,
        arg_types=[OrganizationRef],
        ret_type=None,
    )
