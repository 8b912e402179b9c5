"""The web face of the simulator: the wire API below `/v1`, the controls below `/_sim`, the pages.

Everything that touches SQLite runs on one thread of its own; the event loop never waits for it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from backend.embedded.simulators.stripe import control, gateway, idempotency, pages
from backend.embedded.simulators.stripe.faults import REQUEST_FAULTS, Fault, Faults
from backend.embedded.simulators.stripe.store import Store
from backend.embedded.simulators.stripe.webhooks import Deliverer

T = TypeVar("T")


class Simulator:
    """One process: its store thread, its faults, the keys now in flight, its webhook sender."""

    def __init__(self, path: Path, base_url: str) -> None:
        self.base_url = base_url
        self.faults = Faults()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._store = self._thread.submit(Store, path).result()
        self._in_flight: set[tuple[str | None, str]] = set()
        self.deliverer = Deliverer(self.in_store, self.faults, base_url)

    async def in_store(self, work: Callable[..., T], *args: object) -> T:
        """Run `work(store, *args)` on the store's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, self._store, *args))

    async def answer(self, request: WebRequest) -> Response:
        """One call of the wire API, with the misfortune that was planned for it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        key = gateway.secret_key(headers)
        plan = self._fault(headers, key, request)
        fault = plan.fault if plan else None
        if fault == "lost-before":
            return _Cut()
        now = headers.get("x-sim-now", "")
        inner = gateway.Request(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            body=await request.body(),
            headers=headers,
            base_url=self.base_url,
            now=int(now) if now.isdecimal() else int(time.time()),
            fault=fault,
        )
        result = await self._once(inner, key, plan.seconds if plan and fault == "delay" else 0)
        if request.method != "GET":
            self.deliverer.wake()
        if fault == "lost":
            return _Cut()
        label = {"Content-Type": "application/json", "X-Simulator": "stripe"}
        headers_out = {**result.headers, **label}
        return Response(result.body, result.status, headers_out)

    async def _once(
        self, request: gateway.Request, key: str | None, delay: float
    ) -> gateway.Answer:
        """Refuse a second request with an idempotency key that is still being worked on."""
        name = request.headers.get("idempotency-key") if request.method == "POST" else None
        if name is None:
            await asyncio.sleep(delay)
            return await self.in_store(gateway.handle, request)
        if (key, name) in self._in_flight:
            return gateway.refusal(idempotency.in_progress(name))
        self._in_flight.add((key, name))
        try:
            await asyncio.sleep(delay)
            return await self.in_store(gateway.handle, request)
        finally:
            self._in_flight.discard((key, name))

    def _fault(self, headers: dict[str, str], key: str | None, request: WebRequest) -> Fault | None:
        named = headers.get("x-sim-fault")
        if named in REQUEST_FAULTS:
            return control.fault({"fault": named})
        return self.faults.take(REQUEST_FAULTS, key, request.method, request.url.path)

    def close(self) -> None:
        """Close the file and let its thread end."""
        self._thread.submit(self._store.db.close)
        self._thread.shutdown()


class _Cut(Response):
    """Headers that promise a body, then a cut connection: the reply is lost."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        promised = [(b"content-type", b"application/json"), (b"content-length", b"65536")]
        await send({"type": "http.response.start", "status": 200, "headers": promised})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionAbortedError


def create_app(path: Path, base_url: str) -> Starlette:
    """The ASGI application over one SQLite file."""
    simulator = Simulator(path, base_url)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        sender = asyncio.create_task(simulator.deliverer.run())
        yield
        sender.cancel()
        with suppress(asyncio.CancelledError):
            await sender
        simulator.close()

    async def health(_request: WebRequest) -> Response:
        return JSONResponse({"status": "ok", "simulator": "stripe"})

    writes = ["GET", "POST", "DELETE"]
    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/_sim/health", health),
            *control.routes(simulator),
            *pages.routes(simulator),
            Route("/{path:path}", simulator.answer, methods=writes),
        ],
    )
