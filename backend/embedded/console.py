"""What the person at the terminal reads: progress with elapsed time and one merged log, also kept in a file."""

import asyncio
import contextlib
import json
import logging.handlers
import os
import sys
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

_LOG_BYTES = 20 << 20
_STILL_BUSY_EVERY = 15.0  # seconds between signs of life of a long step
_NAME_WIDTH = 8
_STRUCTURE = ("timestamp", "ts", "level", "event", "msg", "logger", "time")


class Console:
    """Own lines go to standard output; lines of the started programs too, unless ``echo`` is off."""

    def __init__(self, log: Path, *, echo: bool = True) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._begun = time.monotonic()
        self._echo = echo
        self._tails: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=5))
        self._file = _LogFile(log, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")

    def close(self) -> None:
        """Close the log file."""
        self._file.close()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._begun

    def say(self, text: str) -> None:
        """One line of progress."""
        self._print(f"[{self.elapsed:6.1f} s] {text}")
        self._keep("up", text)

    def show(self, text: str) -> None:
        """Text without time in front, such as the closing table."""
        self._print(text)

    def last_line(self, name: str) -> str:
        """The last thing that the program printed."""
        return self._tails[name][-1] if self._tails[name] else "it printed nothing"

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Say that a step begins, that it is still busy, and how long it took."""
        begun = time.monotonic()
        self.say(f"{name} …")
        sign_of_life = asyncio.create_task(self._still_busy(name, begun))
        try:
            yield
        finally:
            sign_of_life.cancel()
        self.say(f"{name}: ready ({time.monotonic() - begun:.1f} s)")

    @asynccontextmanager
    async def pipe(self, name: str, *, progress: bool = False) -> AsyncIterator[int]:
        """A descriptor for a program's output; what is written to it appears under ``name``.

        With ``progress`` its lines are progress for the person, whatever ``echo`` says. Leaving
        waits until the last line is shown: end the program first.
        """
        reading, writing = os.pipe()
        reader = asyncio.StreamReader(limit=1 << 20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
        )
        pump = asyncio.create_task(self._pump(name, reader, progress=progress))
        try:
            yield writing
        finally:
            os.close(writing)
            await asyncio.wait([pump], timeout=2)  # a program that resists keeps its end open
            transport.close()
            pump.cancel()

    async def _pump(self, name: str, reader: asyncio.StreamReader, *, progress: bool) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # a line beyond the limit: the reader has dropped it
                continue
            if not line:
                return
            for text in readable(line.decode(errors="replace").rstrip()).splitlines():
                self._child_line(name, text, progress=progress)

    def _child_line(self, name: str, text: str, *, progress: bool) -> None:
        self._tails[name].append(text)
        self._keep(name, text)
        if progress:
            self._print(f"[{self.elapsed:6.1f} s] {text}")
        elif self._echo:
            self._print(f"{name:<{_NAME_WIDTH}} | {text}")

    async def _still_busy(self, name: str, begun: float) -> None:
        while True:
            await asyncio.sleep(_STILL_BUSY_EVERY)
            self.say(f"{name}: still busy ({time.monotonic() - begun:.0f} s)")

    def _keep(self, name: str, text: str) -> None:
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = f"{stamp} {name:<{_NAME_WIDTH}} | {text}"
        self._file.emit(logging.LogRecord("up", logging.INFO, "", 0, line, None, None))

    def _print(self, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # the terminal may be gone; the file is not
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """A full disk must not flood the terminal with tracebacks: the lines are lost."""


def readable(line: str) -> str:
    """A structured (JSON) log line as ``level event key=value …``; any other line as it is."""
    if not line.startswith("{"):
        return line
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    event = entry.get("event") or entry.get("msg")
    if event is None:
        return line
    rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in _STRUCTURE)
    return f"{entry.get('level', 'info')} {event} {rest}".rstrip()
