"""The cable of a browser: everything it says goes through, until the cable is pulled."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

_HOST = "127.0.0.1"
_NO_NAME, _CONNECT, _IPV4, _NAME = b"\x05\x00", 1, 1, 3
_THROUGH = b"\x05\x00\x00\x01" + bytes(6)


class Cable:
    """A SOCKS5 proxy on loopback. While it is pulled, open connections are dead and new ones refused."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def address(self) -> str:
        """What a browser is told as its proxy."""
        return f"socks5://{_HOST}:{self._port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.mend()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Pull it; returns when nothing is connected any more."""
        self._wait(self._cut())

    def mend(self) -> None:
        """Put it back, at the same address, if it is not there."""
        self._wait(self._mend())

    def drop(self) -> None:
        """A moment's disturbance: what is connected is cut off, who comes back is let through at once."""
        self._wait(self._cut_off())

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _mend(self) -> None:
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._meet, _HOST, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut_off()

    async def _cut_off(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _meet(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        talk = self._loop.create_task(self._talk(near, back))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        ends = {back}
        self._open.add(back)
        with contextlib.suppress(OSError, EOFError):
            far, forth = await asyncio.open_connection(*await _wanted(near, back))
            ends.add(forth)
            self._open.add(forth)
            back.write(_THROUGH)
            await asyncio.gather(_pump(near, forth), _pump(far, back))
        for end in ends:
            end.close()
        self._open -= ends


async def _wanted(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> tuple[str, int]:
    """Where the browser wants to go: the beginning of a SOCKS5 conversation."""
    _version, methods = await near.readexactly(2)
    await near.readexactly(methods)
    back.write(_NO_NAME)
    _version, command, _reserved, kind = await near.readexactly(4)
    if command != _CONNECT or kind not in (_IPV4, _NAME):
        raise OSError("not a connection that a browser makes here")
    if kind == _IPV4:
        host = ".".join(map(str, await near.readexactly(4)))
    else:
        [length] = await near.readexactly(1)
        host = (await near.readexactly(length)).decode()
    return host, int.from_bytes(await near.readexactly(2), "big")


async def _pump(source: asyncio.StreamReader, drain: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            drain.write(data)
            await drain.drain()
    drain.close()
