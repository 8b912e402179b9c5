"""Carries the cause of a call in Temporal's headers, which are not encrypted: ids alone. The client's side."""

from collections.abc import Mapping
from typing import Any

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Interceptor,
    OutboundInterceptor,
    SignalWorkflowInput,
    StartWorkflowInput,
    WorkflowHandle,
)

from backend.core import cause
from backend.core.cause import Cause

Headers = Mapping[str, Payload]
_NAME = "countersign-cause"
_decoder = msgspec.json.Decoder(Cause)


def put(headers: Headers, given: Cause) -> Headers:
    """The headers, with the cause."""
    if given == Cause():
        return headers
    payload = Payload(metadata={"encoding": b"json/plain"}, data=msgspec.json.encode(given))
    return {**headers, _NAME: payload}


def take(headers: Headers) -> Cause:
    """The cause in the headers. What a schedule or an older release has started has none."""
    payload = headers.get(_NAME)
    return Cause() if payload is None else _decoder.decode(payload.data)


class CauseSender(Interceptor):
    """For every client: what is started or signalled learns which request it goes back to."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        """Wrap the client's calls."""
        return _Outbound(next)


class _Outbound(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        input.headers = put(input.headers, cause.current())
        return await super().start_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:  # noqa: A002
        input.headers = put(input.headers, cause.current())
        await super().signal_workflow(input)
