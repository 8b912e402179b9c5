"""Locks between processes. The kernel drops them with their holder, so a killed start leaves none behind."""

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from backend.embedded.waiting import until


def try_lock(path: Path) -> IO[str] | None:
    """Lock the file without waiting; the lock lasts until the returned file is closed. None: held elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock, waiting for as long as another process has it."""
    files: list[IO[str]] = []

    def got_it() -> bool:
        if (file := try_lock(path)) is not None:
            files.append(file)
        return bool(files)

    await until(got_it)
    with files[0]:
        yield
