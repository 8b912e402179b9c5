"""A stub that speaks the wire protocols of two model providers, and misbehaves as it is told.

It looks with every tool it is given, then answers wrongly once, then rightly: what a model would do that learns.
"""

import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

from tests.provider_wire import INPUT_TOKENS, OUTPUT_TOKENS, WIRES, Call, Json

__all__ = ["INPUT_TOKENS", "OUTPUT_TOKENS", "READING", "Call", "Plan", "Provider"]

READING = ("invoice", "customer", "payment_history", "similar_invoices")
_DRIP = 0.2  # seconds between the bytes of a slow reply


@dataclass
class Plan:
    """What happens to one request. Without anything set it is answered as usual.

    ``status``: refused with this status and these ``headers``. ``calls``: the model says this instead. ``cut``: the
    reply ends at its greatest length. ``slow``: its bytes come one by one. ``reset``: the connection breaks off.
    ``garbage``: it is no JSON. ``hold``: nothing is answered before ``release`` is set; ``met`` when it has come.
    """

    model: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: Sequence[Call] | None = None
    cut: bool = False
    slow: bool = False
    reset: bool = False
    garbage: bool = False
    hold: bool = False
    met: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)


@dataclass
class Provider:
    """The running stub: the ``requests`` it got, when they came, and the ``secrets`` that came with them.

    It ``takes`` so many seconds for each.
    """

    url: str = ""
    takes: float = 0
    requests: list[Json] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    _about: tuple[str, ...] = ()
    _plans: list[Plan] = field(default_factory=list)
    _always: list[Plan] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def only_about(self, *invoices: Json) -> None:
        """From now on conversations about other invoices are answered, but neither counted nor planned for.

        A worker also takes up what an earlier test has left behind by killing its worker.
        """
        with self._lock:
            self._about = tuple(invoice["number"] for invoice in invoices)

    def plan(self, *plans: Plan) -> None:
        """The next requests (of the plan's model, if it names one) meet these, one each."""
        with self._lock:
            self._plans += plans

    def always(self, plan: Plan) -> None:
        """Every request that meets nothing else meets this."""
        with self._lock:
            self._always.append(plan)

    def forget(self) -> None:
        """Behave again, and forget what has come."""
        with self._lock:
            for plan in self._plans:
                plan.release.set()
            for kept in (self._plans, self._always, self.requests, self.came, self.secrets):
                kept.clear()

    @contextmanager
    def running(self) -> Iterator["Provider"]:
        """Listen on a free port for as long as the block lasts."""
        handler = type("Handler", (_Handler,), {"provider": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self.forget()
            server.shutdown()
            thread.join()
            server.server_close()

    def _take(self, body: Json, secret: str) -> Plan:
        with self._lock:
            if self._about and not any(number in json.dumps(body) for number in self._about):
                return Plan()
            self.requests.append(body)
            self.came.append(time.monotonic())
            self.secrets.append(secret)
            for plans in (self._plans, self._always):
                for plan in plans:
                    if plan.model in (None, body["model"]):
                        if plans is self._plans:
                            plans.remove(plan)
                        return plan
        return Plan()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        secret = self.headers["x-api-key"] or self.headers["authorization"].split(" ")[1]
        plan = self.provider._take(body, secret)
        plan.met.set()
        time.sleep(self.provider.takes)
        if plan.hold:
            plan.release.wait()
        if plan.reset:
            self._reset()
            return
        wire = WIRES[self.path.split("?")[0]]
        if plan.status is not None:
            self._send(plan.status, json.dumps(wire.fails(plan.status)), plan)
            return
        calls = _next(wire.results(body)) if plan.calls is None else plan.calls
        text = json.dumps(wire.says(body["model"], calls, plan.cut))
        self._send(200, "<html>no reply</html>" if plan.garbage else text, plan)

    def _send(self, status: int, text: str, plan: Plan) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in plan.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._write(body, slowly=plan.slow)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked is gone

    def _write(self, body: bytes, *, slowly: bool) -> None:
        if not slowly:
            self.wfile.write(body)
            return
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            time.sleep(_DRIP)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


def _next(results: Mapping[str, str]) -> list[Call]:
    if "look-invoice" not in results:
        return [Call(f"look-{name}", name, {}) for name in READING]
    invoice = json.loads(results["look-invoice"])
    common = {
        "plan": ["Look at the invoice.", "Decide."],
        "summary": "overdue and open",
        "reasoning": f"Invoice {invoice['number']} is open and overdue.",
        "evidence": [{"kind": "invoice", "record_id": invoice["record_id"], "claim": "is overdue"}],
        "confidence": 0.8,
    }
    if "answer-1" in results:
        return [Call("answer-2", "send_reminder", common)]
    too_much = {"amount": invoice["balance"] + 1, "reason": "order_change", "memo": "Credit"}
    return [Call("answer-1", "credit_note", {**common, **too_much})]
