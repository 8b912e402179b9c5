"""The part of telemetry that needs OpenTelemetry's SDK: batches for a collector, and ids that follow from a key."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

_PATIENCE = 3  # seconds for a batch; then it is dropped
_IDS: ContextVar[tuple[int, int] | None] = ContextVar("ids", default=None)


def provider(service: str, endpoint: str) -> TracerProvider:
    """Sends the spans of ``service`` to ``endpoint``/v1/traces in the background."""
    resource = Resource.create({"service.name": service, "service.namespace": "countersign"})
    made = TracerProvider(resource=resource, id_generator=_Ids(), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=_PATIENCE)
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


def place_of(key: str, parent: str | None) -> str:
    """A ``traceparent`` whose span id follows from the key; so does its trace, when there is no parent."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    version, trace, _, flags = parent.split("-") if parent else ("00", digest[:32], "", "01")
    return f"{version}-{trace}-{digest[32:48]}-{flags}"


@contextmanager
def ids_of(place: str) -> Iterator[None]:
    """A span that begins in the block has exactly this place."""
    _, trace, span, _ = place.split("-")
    token = _IDS.set((int(trace, 16), int(span, 16)))
    try:
        yield
    finally:
        _IDS.reset(token)


class _Ids(RandomIdGenerator):
    def generate_trace_id(self) -> int:
        given = _IDS.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = _IDS.get()
        return given[1] if given else super().generate_span_id()
