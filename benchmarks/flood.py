"""One client that asks as fast as it is answered, over many connections, until its standard input ends.

Usage: ``python -m benchmarks.flood URL TOKEN CONNECTIONS``. Says ``begun``, and at the end which statuses it got.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import urlsplit

import msgspec

PATH = "/api/v1/me"


class Line:
    """One connection over which the same request is sent again and again, with as little work as possible."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> None:
        self._reader, self._writer, self._request = reader, writer, request

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str, token: str, path: str = PATH) -> AsyncIterator[Self]:
        """Connected for the block."""
        at = urlsplit(url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        head = f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n"
        yield cls(reader, writer, head.encode())
        writer.close()

    async def ask(self) -> int:
        """The status of the reply."""
        self._writer.write(self._request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, _, behind = head.partition(b"content-length:")
        await self._reader.readexactly(int(behind.split(b"\r\n", 1)[0]))
        return int(head.split(b" ", 2)[1])


@asynccontextmanager
async def flood(url: str, token: str, connections: int) -> AsyncIterator[Counter[int]]:
    """A process that does it beside the block; afterwards the statuses that it got."""
    command = ["-m", "benchmarks.flood", url, token, str(connections)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=pipe, stdout=pipe
    )
    if process.stdout is None or await process.stdout.readline() != b"begun\n":
        raise RuntimeError("the flood did not begin")
    answers: Counter[int] = Counter()
    yield answers
    said, _ = await process.communicate(b"")
    answers.update(msgspec.json.decode(said, type=dict[int, int]))


async def _main(url: str, token: str, connections: int) -> None:
    answers: Counter[int] = Counter()
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))

    async def one() -> None:
        async with Line.to(url, token) as line:
            while not over.done():
                answers[await line.ask()] += 1

    talks = [asyncio.create_task(one()) for _ in range(connections)]
    print("begun", flush=True)
    await asyncio.gather(over, *talks)
    print(msgspec.json.encode(answers).decode())


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
