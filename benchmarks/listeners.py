"""So many other browsers as far as the API notices: each reads the change stream and throws away what it hears.

Usage: ``python -m benchmarks.listeners <url> <count>``, the session's cookie on the standard input; ends with it.
"""

import asyncio
import sys
from urllib.parse import urlsplit


async def main(url: str, count: int, cookie: str) -> None:
    """Open them all, say so in a line, and listen."""
    there = urlsplit(url)
    request = (
        f"GET /api/v1/events HTTP/1.1\r\nHost: {there.netloc}\r\n"
        f"Cookie: countersign_session={cookie}\r\nAccept: text/event-stream\r\n\r\n"
    )
    opened = [await asyncio.open_connection(there.hostname, there.port) for _ in range(count)]
    for _reader, writer in opened:
        writer.write(request.encode())
    for reader, _writer in opened:
        answer = await reader.readuntil(b"event: ready")
        if b" 200 " not in answer.split(b"\r\n")[0]:
            raise ConnectionError(answer.decode())
    print("ready", flush=True)
    await asyncio.gather(*(_listen(reader) for reader, _writer in opened))


async def _listen(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 16):
        continue


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip()))
