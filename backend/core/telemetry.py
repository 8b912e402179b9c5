"""Spans of OpenTelemetry: what took how long, for whom. Names, ids and numbers only; no text of any record or prompt.

Nothing is recorded and nothing of the SDK is imported before :func:`start`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from backend.core.errors import AppError

Attributes = Mapping[str, str | int]

_HEADER = "traceparent"
_W3C = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("countersign")
_ABOUT: ContextVar[Attributes] = ContextVar("about", default=MappingProxyType({}))


def start(service: str, endpoint: str | None) -> None:
    """Send this process's spans to an OTLP/HTTP collector under the name of its service; without one do nothing."""
    if endpoint is None:
        return
    from backend.core import otlp  # noqa: PLC0415 - the SDK is imported where it is used

    trace.set_tracer_provider(otlp.provider(service, endpoint))


def stop() -> None:
    """Send what has not been sent yet; takes some seconds when the collector does not answer."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()


@contextmanager
def span(name: str, kind: SpanKind, attributes: Attributes) -> Iterator[Span]:
    """A span around the block. An error that leaves it is told by its code or type, never in its words."""
    with _TRACER.start_as_current_span(
        name,
        kind=kind,
        attributes={**_ABOUT.get(), **attributes},
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            fail(opened, error.code if isinstance(error, AppError) else type(error).__name__)
            raise


def fail(opened: Span, code: str) -> None:
    """Mark the span as failed."""
    opened.set_attribute("error.type", code)
    opened.set_status(Status(StatusCode.ERROR))


@contextmanager
def about(attributes: Attributes) -> Iterator[None]:
    """The present span and all that begin in the block say whom they are about."""
    trace.get_current_span().set_attributes(attributes)
    token = _ABOUT.set({**_ABOUT.get(), **attributes})
    try:
        yield
    finally:
        _ABOUT.reset(token)


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
    token = context.attach(_context_of(parent))
    try:
        yield
    finally:
        context.detach(token)


def place_of(key: str, parent: str | None) -> str | None:
    """The ``traceparent`` of what is known by ``key`` below ``parent``: the same whichever process works it out.

    None while nothing is recorded here and the parent has no place either.
    """
    if not _records():
        return parent
    from backend.core import otlp  # noqa: PLC0415 - as above

    return otlp.place_of(key, parent)


def mark(
    name: str, place: str | None, parent: str | None, attributes: Attributes, nanoseconds: int
) -> None:
    """Record a moment as a span that has this place; ``nanoseconds`` count from 1970."""
    if place is None or not _records():
        return
    from backend.core import otlp  # noqa: PLC0415 - as above

    with otlp.ids_of(place):
        above = _context_of(parent) if parent else Context()
        opened = _TRACER.start_span(
            name, above, SpanKind.INTERNAL, {**attributes}, start_time=nanoseconds
        )
    opened.end(nanoseconds)


def _context_of(parent: str) -> Context:
    return _W3C.extract({_HEADER: parent}, Context())


def _records() -> bool:
    return hasattr(trace.get_tracer_provider(), "shutdown")
