"""`countersign up --detach`: the same stack without a terminal; returns when it is healthy."""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

from backend.embedded import instance
from backend.embedded.errors import StartupError
from backend.embedded.launch import PROJECT, Launch
from backend.embedded.services import python
from backend.embedded.waiting import until

_RECOVERY_WITHIN = 90.0  # seconds


async def detach(launch: Launch, show: Callable[[str], None]) -> int:
    """Start the supervisor in the background and show its progress until the stack is healthy.

    Returns 0 then, or the supervisor's exit code when it has given up (it has said why).
    Cancelling ends the start.
    """
    if instance.is_recovering(launch.state):
        return await _recovered(launch, show)
    instance.claim(launch.state).close()  # raises at once when a stack runs already
    launch.logs.mkdir(exist_ok=True)
    progress = launch.logs / "start.log"
    process = _background(launch, progress)
    with progress.open() as file:
        try:
            await until(lambda: _shown(file, show) and _settled(launch, process), every=0.1)
        except asyncio.CancelledError:
            process.send_signal(signal.SIGTERM)
            await until(lambda: process.poll() is not None)
            raise
        _shown(file, show)
    return process.poll() or 0


async def _recovered(launch: Launch, show: Callable[[str], None]) -> int:
    """A part of the running stack has died: wait until the supervisor has brought it back."""
    show("Countersign is running; a part of it died and is being started again.\n")
    if not await until(lambda: not instance.is_recovering(launch.state), seconds=_RECOVERY_WITHIN):
        raise StartupError(
            f"It does not come back; see {launch.logs}, then `make down` and start again."
        )
    show("It is healthy again.\n")
    return 0


def _background(launch: Launch, progress: Path) -> subprocess.Popen[bytes]:
    with progress.open("w") as output:
        return subprocess.Popen(  # noqa: S603 - our own command line
            python("backend.cli", "up", "--background"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=PROJECT,
            env=dict(launch.environ),
            start_new_session=True,
        )


def _shown(file: IO[str], show: Callable[[str], None]) -> bool:
    """Show what has been added to the file since the last call."""
    if text := file.read():
        show(text)
    return True


def _settled(launch: Launch, process: subprocess.Popen[bytes]) -> bool:
    published = instance.read(launch.state)
    if published and published.supervisor.pid == process.pid and published.phase == "ready":
        return True
    return process.poll() is not None
