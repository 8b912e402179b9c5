"""Which stack runs from this checkout: one at a time, known by pid and address, its remains ended."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import msgspec
import psutil

from backend.embedded.errors import StartupError
from backend.embedded.locks import try_lock
from backend.embedded.postgres_files import write_private
from backend.embedded.waiting import until

_END_WITHIN = 45.0  # seconds for a whole stack
_DATABASE_WITHIN = 30.0  # it may have much to flush
_OTHERS_WITHIN = 5.0  # built to be killed; they may wait for a database that is gone


@dataclass(frozen=True, slots=True)
class Running:
    """One program of a stack; the start time tells it from a later one with the same pid."""

    pid: int
    started: float


@dataclass(frozen=True, slots=True)
class Instance:
    """What the supervisor publishes about itself."""

    supervisor: Running
    url: str
    phase: Literal["starting", "ready"]
    processes: Mapping[str, Running] = field(default_factory=dict)


def claim(state: Path) -> IO[str]:
    """Become the one stack of this checkout until the returned file is closed."""
    try:
        lock = try_lock(state / "lock")
    except OSError as error:
        raise StartupError(f"Cannot write to {state} ({error.strerror}): correct that.") from error
    if lock is None:
        instance = read(state)
        doing = "starting" if instance and instance.phase == "starting" else "running"
        where = f" at {instance.url} (pid {instance.supervisor.pid})" if instance else ""
        raise StartupError(f"Countersign is already {doing}{where}; `make down` stops it.")
    return lock


def is_running(state: Path) -> bool:
    """Whether a supervisor holds this checkout."""
    lock = try_lock(state / "lock")
    if lock is None:
        return True
    lock.close()
    return False


def is_recovering(state: Path) -> bool:
    """Whether a running stack has lost a program that its supervisor is starting again."""
    instance = read(state)
    if instance is None or instance.phase != "ready" or not is_running(state):
        return False
    return not all(_find(running) for running in instance.processes.values())


def read(state: Path) -> Instance | None:
    """What the last supervisor published; it may have been killed since."""
    try:
        return msgspec.json.decode((state / "instance.json").read_bytes(), type=Instance)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def publish(
    state: Path, url: str, phase: Literal["starting", "ready"], pids: Mapping[str, int]
) -> None:
    """Tell other commands what runs here."""
    processes = {name: _running(pid) for name, pid in pids.items()}
    instance = Instance(_running(os.getpid()), url, phase, processes)
    write_private(state / "instance.json", msgspec.json.encode(instance).decode())


def withdraw(state: Path) -> None:
    """Nothing runs here any more."""
    (state / "instance.json").unlink(missing_ok=True)


async def stop(state: Path, say: Callable[[str], None]) -> None:
    """End the running stack, or what a killed one has left; says so when there is neither."""
    instance = read(state)
    if not is_running(state):
        if instance and await end_remains(instance, say):
            withdraw(state)
            return
        say("nothing is running")
        return
    supervisor = _find(instance.supervisor) if instance else None
    if supervisor is None:
        raise StartupError("A start is just beginning; try again in a moment.")
    supervisor.send_signal(signal.SIGTERM)
    if not await until(lambda: not is_running(state), seconds=_END_WITHIN):
        raise StartupError(f"The stack (pid {supervisor.pid}) does not end; see {state / 'logs'}.")
    say("stopped")


async def end_remains(instance: Instance, say: Callable[[str], None]) -> bool:
    """End programs that outlived a killed supervisor. True when there were any."""
    remains = [process for running in instance.processes.values() if (process := _find(running))]
    if not remains:
        return False
    say(f"ending {len(remains)} processes that an earlier, killed start has left")
    databases = [one for one in remains if _is_database(one)]
    others = [one for one in remains if one not in databases]
    await asyncio.gather(
        _end(databases, signal.SIGINT, within=_DATABASE_WITHIN),  # its fast shutdown
        _end(others, signal.SIGTERM, within=_OTHERS_WITHIN),
    )
    return True


async def _end(processes: Sequence[psutil.Process], how: signal.Signals, *, within: float) -> None:
    """Ask them to end, and kill those that have not done so within so many seconds."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(how)

    def over() -> bool:
        return not any(map(_is_alive, processes))

    if not await until(over, seconds=within):
        for process in filter(_is_alive, processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # each of them leads its own group
        await until(over, seconds=_OTHERS_WITHIN)  # until then it has its port


def _is_database(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False


def _running(pid: int) -> Running:
    try:
        return Running(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Running(pid, 0.0)


def _find(running: Running) -> psutil.Process | None:
    try:
        process = psutil.Process(running.pid)
        same = abs(process.create_time() - running.started) < 1
    except psutil.NoSuchProcess:
        return None
    return process if same and _is_alive(process) else None


def _is_alive(process: psutil.Process) -> bool:
    """Also one whose first thread is over: until its last one is, it keeps its port."""
    try:
        over = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() == 1
        return process.is_running() and not over
    except psutil.NoSuchProcess:
        return False
