"""An OpenTelemetry collector: takes spans over OTLP/HTTP and keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Span:
    """One span as it came over the wire; ``text`` is all of it."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str | int]
    failed: bool
    text: str


@dataclass
class Collector:
    """The running collector and what it was sent."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        """Listen on a free port for as long as the block lasts."""
        handler = type("Handler", (_Handler,), {"collector": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def lineage(self, span: Span) -> list[str]:
        """The names of the span and of those above it, up to the first."""
        by_id = {one.span_id: one for one in self.spans}
        names = [span.name]
        while span.parent_id:
            span = by_id[span.parent_id]
            names.append(span.name)
        return names

    def take(self, body: bytes) -> None:
        """Keep what an export holds."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        Span(
                            service=about["service.name"],
                            name=span.name,
                            trace_id=span.trace_id.hex(),
                            span_id=span.span_id.hex(),
                            parent_id=span.parent_span_id.hex(),
                            attributes={
                                a.key: a.value.string_value or a.value.int_value
                                for a in span.attributes
                            },
                            failed=span.status.code == span.status.STATUS_CODE_ERROR,
                            text=str(span),
                        )
                    )


class _Handler(BaseHTTPRequestHandler):
    collector: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.collector.take(self.rfile.read(int(self.headers["content-length"])))
        body = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""
