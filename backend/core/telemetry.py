"""Spans of OpenTelemetry: what took how long, for whom. Names, ids and numbers only; no text of any record or prompt.

Nothing is recorded and nothing of the SDK is imported before :func:`start`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_HEADER = "traceparent"
_W3C = TraceContextTextMapPropagator()


def traceparent() -> str | None:
    """The present span as W3C Trace Context writes it; None when nothing is recorded."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(_HEADER)


@contextmanager
def within(parent: str | None) -> Iterator[None]:
    """Spans of the block belong to the trace of ``parent``; without one nothing changes."""
    if parent is None:
        yield
        return
    token = context.attach(_W3C.extract({_HEADER: parent}, Context()))
    try:
        yield
    finally:
        context.detach(token)
