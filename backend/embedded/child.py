"""One long-lived program: start until it really answers, notice its death, stop it with all it started."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from backend.embedded import processes
from backend.embedded.errors import StartupError
from backend.embedded.waiting import until


class Service(Protocol):
    """What the supervisor keeps alive."""

    name: str

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""

    async def start(self) -> None:
        """Return when it answers; raise :class:`StartupError` when it does not."""

    async def stop(self) -> None:
        """Return when nothing of it is left."""

    async def wait(self) -> int | None:
        """Return its exit code when it has ended."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a program is started and how one knows that it is up.

    ``ready`` must be a real call to it; it gets the time of the start, so that it can tell an
    answer about this program from one about its predecessor.
    """

    name: str
    command: Sequence[str | Path]
    ready: Callable[[datetime], Awaitable[bool]]
    env: Mapping[str, str] | None = field(default=None, repr=False)
    cwd: Path | None = None
    ready_within: float = 60.0
    stop_within: float = 25.0


class Child:
    """A :class:`Service` from a :class:`Program`; ``output`` is the descriptor that gets what it prints."""

    def __init__(self, program: Program, output: int) -> None:
        self.name = program.name
        self._program = program
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Start it and return when it answers; raises :class:`StartupError` when it ends or stays silent."""
        program = self._program
        started = datetime.now(UTC)
        process = self._process = processes.spawn(
            program.command, output=self._output, env=program.env, cwd=program.cwd
        )
        deadline = time.monotonic() + program.ready_within
        answers = False
        while not answers:
            answers = await program.ready(started)
            # Looked at after the answer, which may have come from another program on its port.
            if process.poll() is not None:
                processes.end_group(process)
                how = describe_exit(process.returncode)
                raise StartupError(f"The {self.name} process ended while starting ({how}).")
            if not answers and time.monotonic() > deadline:
                await self.stop()
                raise StartupError(
                    f"The {self.name} process did not answer within {program.ready_within:.0f} s."
                )
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Ask it to end; after ``stop_within`` seconds kill it and everything it started."""
        process = self._process  # a watcher may put a new one in its place meanwhile
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        await until(
            lambda: process.poll() is not None, seconds=self._program.stop_within, every=0.02
        )
        processes.end_group(process)

    async def wait(self) -> int | None:
        """Return its exit code when it has ended; what it had started is ended too, so that ports are free."""
        process = self._process
        if process is None:
            return None
        await until(lambda: process.poll() is not None, every=0.1)
        processes.end_group(process)
        return process.returncode


def describe_exit(code: int | None) -> str:
    """An exit code in words: ``signal SIGKILL`` or ``exit code 1``."""
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return "ended" if code is None else f"exit code {code}"
