"""The worker as the product runs it: a process of its own that can be killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from backend.embedded.processes import spawn

ROOT = Path(__file__).resolve().parents[1]
_READY = "worker.serving"


class WorkerProcess:
    """``python -m workflows.worker`` with these settings; its log is kept in a file.

    ``root`` is where its code lies.
    """

    def __init__(self, environ: Mapping[str, str], log: Path, root: Path = ROOT) -> None:
        self._environ = {**os.environ, **environ}  # noqa: TID251 - what a shell would give it
        self._log = log
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    async def start(self, *, within: float = 60) -> float:
        """Start it; seconds until it served."""
        begun = time.monotonic()
        before = self.log().count(_READY)
        with self._log.open("ab") as output:
            command = [sys.executable, "-m", "workflows.worker"]
            self._process = spawn(
                command, output=output.fileno(), env=self._environ, cwd=self._root
            )
        while self.log().count(_READY) == before:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() - begun < within, self.log()
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self._end(signal.SIGKILL)

    def send(self, how: signal.Signals) -> None:
        """Any other signal: SIGSTOP and SIGCONT make it slow without ending it."""
        assert self._process is not None
        self._process.send_signal(how)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def log(self) -> str:
        """Everything that it and its predecessors have printed."""
        return self._log.read_text() if self._log.exists() else ""

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(how)
        return self._process.wait(40)
