"""The embedded Temporal server as a test uses it: on ports that it keeps, so that it can be killed and come back."""

import os
import signal
from pathlib import Path

from backend.embedded import temporal
from backend.embedded.child import Child


class TemporalServer:
    """Starts, kills and starts again over one database file."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._ports = temporal.free_ports()
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where clients and workers reach it."""
        return f"127.0.0.1:{self._ports.grpc}"

    async def start(self) -> None:
        """Start it; returns when it answers."""
        with (self._folder / "log").open("ab") as output:
            database = self._folder / "temporal.db"
            self._child = temporal.server(self._binary, database, self._ports, output.fileno())
            await self._child.start()

    async def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._child is not None
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGKILL)
        await self._child.wait()

    async def stop(self) -> None:
        """SIGTERM."""
        if self._child is not None:
            await self._child.stop()
