"""The worker's side of :mod:`workflows.runtime.headers`: a workflow hands on what it goes back to.

A signal brings the request of whoever woke the run; what the run does from then on goes back to that one.
"""

from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleSignalInput,
    Interceptor,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle, ChildWorkflowHandle

from backend.core import telemetry
from backend.core.cause import Cause
from workflows.runtime.about import about
from workflows.runtime.headers import Headers, put, take


class CauseCarrier(Interceptor):
    """For the worker."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor]:
        """Wrap the workflows."""
        del input
        return _Inbound


@dataclass(slots=True)
class _Known:
    """What one execution of a workflow knows of its cause; both sides of it share one."""

    cause: Cause = field(default_factory=Cause)
    signals: int = 0

    def on(self, headers: Headers) -> Headers:
        return put(headers, self.cause)


class _Inbound(WorkflowInboundInterceptor):
    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self._known = _Known()

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self._known))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002, ANN401
        info, given = workflow.info(), take(input.headers)
        place = telemetry.place_of(info.run_id, given.traceparent)
        self._known.cause = Cause(self._known.cause.request_id or given.request_id, place)
        _mark(f"workflow {info.workflow_type}", self._known.cause, given.traceparent)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        if request_id := take(input.headers).request_id:
            self._known.cause = replace(self._known.cause, request_id=request_id)
        self._known.signals += 1
        above = self._known.cause.traceparent
        key = f"{workflow.info().run_id}/{self._known.signals}"
        place = telemetry.place_of(key, above)
        _mark(f"signal {input.signal}", replace(self._known.cause, traceparent=place), above)
        await super().handle_signal(input)


def _mark(name: str, cause: Cause, parent: str | None) -> None:
    """A moment, not a stretch: a workflow lasts for weeks, over many processes, and a span has to end in one."""
    if workflow.unsafe.is_replaying():
        return
    attributes = dict(about(workflow.info().workflow_id))
    if cause.request_id is not None:
        attributes["countersign.request_id"] = cause.request_id
    telemetry.mark(name, cause.traceparent, parent, attributes, workflow.time_ns())


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, inner: WorkflowOutboundInterceptor, known: _Known) -> None:
        super().__init__(inner)
        self._known = known

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        input.headers = self._known.on(input.headers)
        return super().start_activity(input)

    async def start_child_workflow(
        self,
        input: StartChildWorkflowInput,  # noqa: A002
    ) -> ChildWorkflowHandle[Any, Any]:
        input.headers = self._known.on(input.headers)
        return await super().start_child_workflow(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:  # noqa: A002
        input.headers = self._known.on(input.headers)
        await super().signal_child_workflow(input)

    async def signal_external_workflow(
        self,
        input: SignalExternalWorkflowInput,  # noqa: A002
    ) -> None:
        input.headers = self._known.on(input.headers)
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        input.headers = self._known.on(input.headers)
        super().continue_as_new(input)
