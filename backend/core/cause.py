"""What the present work goes back to: a request and a place in a trace. It travels with all that is caused."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

from backend.core import telemetry

_REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


@dataclass(frozen=True, slots=True)
class Cause:
    """Ids alone, for it is carried in the clear. ``traceparent`` is written as W3C Trace Context says."""

    request_id: str | None = None
    traceparent: str | None = None


def current() -> Cause:
    """What the present task goes back to."""
    return Cause(_REQUEST_ID.get(), telemetry.traceparent())


@contextmanager
def bound(cause: Cause) -> Iterator[None]:
    """What is done in the block goes back to ``cause``; its request is named in the log."""
    token = _REQUEST_ID.set(cause.request_id)
    named = {"request_id": cause.request_id} if cause.request_id else {}
    try:
        with structlog.contextvars.bound_contextvars(**named), telemetry.within(cause.traceparent):
            yield
    finally:
        _REQUEST_ID.reset(token)
