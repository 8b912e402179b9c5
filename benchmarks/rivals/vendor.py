"""The way to the outside system that all contestants take: it can hold one effect's request, or drop its key."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from urllib.parse import urlsplit

_EFFECT = "POST /v1/credit_notes "


class Hold(StrEnum):
    """Where a request is held until its sender is dead."""

    BEFORE = "before the vendor has the request"
    AFTER = "after the vendor has acted, before the reply is read"


class Vendor:
    """A proxy before the simulator. ``honours_keys`` False stands for a vendor without idempotency keys."""

    def __init__(self, upstream: str, *, honours_keys: bool) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname, parts.port)
        self._honours_keys = honours_keys
        self._hold: tuple[Hold, asyncio.Event] | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Vendor"]:
        """Listen on a free port for as long as the block lasts."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def hold(self, where: Hold) -> asyncio.Event:
        """Hold the next effect there; the event tells when it is held."""
        self._hold = (where, asyncio.Event())
        return self._hold[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                where, held = self._planned(head)
                if where is not Hold.BEFORE:
                    reply = await self._forward(head, body)
                if where is None:
                    writer.write(reply)
                    await writer.drain()
                else:
                    held.set()
                    await reader.read()  # until the sender is gone; a held request goes with it
        finally:
            writer.close()

    def _planned(self, head: bytes) -> tuple[Hold | None, asyncio.Event]:
        if self._hold is None or not head.startswith(_EFFECT.encode()):
            return None, asyncio.Event()
        plan, self._hold = self._hold, None
        return plan

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        dropped = rb"connection" if self._honours_keys else rb"connection|idempotency-key"
        request, _, headers = head.partition(b"\r\n")
        headers = re.sub(rb"(?im)^(?:" + dropped + rb"):[^\n]*\n", b"", headers)
        reader, writer = await asyncio.open_connection(*self._upstream)
        writer.write(request + b"\r\nConnection: close\r\n" + headers + body)
        reply = await reader.read()
        writer.close()
        return reply


def _length(head: bytes) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0
