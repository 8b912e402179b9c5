"""The processes of a running stack as a killer sees them: found by what the supervisor publishes, hit by signals."""

import os
import signal
import time
from collections import deque
from enum import StrEnum
from pathlib import Path

import psutil

from backend.embedded import instance
from tests.waiting import eventually

_WINDOW = 60.0  # seconds in which the supervisor counts deaths
_DEATHS = 3  # fewer than it allows: it is right to give up when something keeps dying


class Target(StrEnum):
    """Who may die. All but the supervisor are named as it names them."""

    WORKER = "worker"
    WEB = "web"
    TEMPORAL = "temporal"
    POSTGRES = "postgres"
    STRIPE = "stripe"
    SUPERVISOR = "supervisor"


class Victims:
    """The processes of the stack in one state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._deaths: dict[Target, deque[float]] = {target: deque() for target in Target}

    def pid(self, target: Target) -> int:
        """Who it is now."""
        published = instance.read(self._state)
        assert published is not None
        if target is Target.SUPERVISOR:
            return published.supervisor.pid
        return published.processes[target].pid

    async def complete(self) -> None:
        """Wait until all of them live."""

        async def look() -> bool:
            published = instance.read(self._state)
            return (
                published is not None
                and published.phase == "ready"
                and len(published.processes) == len(Target) - 1
                and all(map(_is_alive, map(self.pid, Target)))
            )

        await eventually(look, "every process of the stack lives", seconds=60)

    async def rested(self, targets: tuple[Target, ...]) -> None:
        """Wait until one more death of each is no reason for the supervisor to give up."""

        async def look() -> bool:
            over = time.monotonic() - _WINDOW
            return all(sum(at > over for at in self._deaths[one]) < _DEATHS for one in targets)

        await eventually(look, "the last deaths are long ago", seconds=2 * _WINDOW)

    def kill(self, targets: tuple[Target, ...]) -> None:
        """SIGKILL to each process with all that it has started."""
        for target in targets:
            os.killpg(self.pid(target), signal.SIGKILL)
            self._deaths[target].append(time.monotonic())
        if Target.SUPERVISOR in targets:  # the next one begins to count anew
            self._deaths = {target: deque() for target in Target}

    def freeze(self, target: Target) -> int:
        """Let it stand still; gives the process, to be thawed."""
        pid = self.pid(target)
        os.killpg(pid, signal.SIGSTOP)
        return pid

    def calls(self, target: Target, port: int) -> bool:
        """Whether it has a connection to this port on this machine: a request that waits for its answer."""
        leader = psutil.Process(self.pid(target))
        return any(
            held.raddr and held.raddr.port == port and held.status == psutil.CONN_ESTABLISHED
            for process in (leader, *leader.children(recursive=True))
            for held in process.net_connections("tcp")
        )


def thaw(pid: int) -> None:
    """Let a frozen process go on, if it still lives."""
    if _is_alive(pid):
        os.killpg(pid, signal.SIGCONT)


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
