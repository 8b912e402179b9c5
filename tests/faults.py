"""Ways to part two processes: an HTTP proxy that holds or cuts a chosen reply, a tunnel that can be closed."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit


class Misfortune(Enum):
    """What happens to the reply, after the outside system has done its work."""

    HOLD = "hold"
    CUT = "cut"


@dataclass
class Plan:
    """One request that will meet a misfortune. ``met`` is set when the outside system has answered it."""

    misfortune: Misfortune
    method: str
    path: re.Pattern[str]
    met: asyncio.Event = field(default_factory=asyncio.Event)


class FaultProxy:
    """One request per connection; everything that no plan matches passes through."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname
        assert parts.port
        self._upstream = (parts.hostname, parts.port)
        self._plans: list[Plan] = []
        self._serving: set[asyncio.Task[None]] = set()
        self.url = ""
        self.seen: list[str] = []

    def plan(self, misfortune: Misfortune, method: str, path: str) -> Plan:
        """The next request that matches meets it."""
        plan = Plan(misfortune, method, re.compile(path))
        self._plans.append(plan)
        return plan

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FaultProxy"]:
        """Listen on a free port for as long as the block lasts."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                self.seen.append(f"{method} {path}")
                reply = await self._forward(head, await reader.readexactly(_length(head)))
                plan = self._take(method, path)
                if plan is None:
                    writer.write(reply)
                    await writer.drain()
                else:
                    plan.met.set()
                    if plan.misfortune is Misfortune.HOLD:
                        await reader.read()  # until whoever asked is gone
        finally:
            writer.close()

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._upstream)
        request, _, headers = head.partition(b"\r\n")
        writer.write(request + b"\r\nConnection: close\r\n" + _without_connection(headers) + body)
        reply = await reader.read()
        writer.close()
        return reply

    def _take(self, method: str, path: str) -> Plan | None:
        for plan in self._plans:
            if plan.method == method and plan.path.search(path):
                self._plans.remove(plan)
                return plan
        return None


@asynccontextmanager
async def tunnel(address: str, port_here: int = 0) -> AsyncIterator[str]:
    """An address that leads to this one until the block ends; then nobody answers there, unless it is dug again."""
    host, _, port = address.partition(":")
    pumps: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        for source, target in ((reader, back), (there, writer)):
            pumps.add(asyncio.create_task(_pump(source, target)))

    server = await asyncio.start_server(accept, "127.0.0.1", port_here)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    finally:
        target.close()


def _length(head: bytes) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0


def _without_connection(headers: bytes) -> bytes:
    return re.sub(rb"(?im)^connection:[^\n]*\n", b"", headers)
