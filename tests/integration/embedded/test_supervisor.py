"""Real programs under the supervisor: kept alive, given up, stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from backend.embedded.child import Child, Program
from backend.embedded.console import Console
from backend.embedded.errors import StartupError
from backend.embedded.supervisor import Supervisor
from backend.embedded.waiting import until

# Starts a helper in its own group, says who they are, and waits until it is told to end.
PARENT = (
    "import pathlib, subprocess, sys, threading\n"
    "helper = subprocess.Popen(['sleep', '600'])\n"
    "part = pathlib.Path(sys.argv[1] + '.part')\n"
    "part.write_text(str(helper.pid))\n"
    "part.rename(sys.argv[1])\n"
    "threading.Event().wait()\n"
)


class Bench:
    """A supervisor with what it needs, and programs that write their helper's pid to a file."""

    def __init__(self, folder: Path, console: Console, pipes: AsyncExitStack) -> None:
        self.folder = folder
        self.console = console
        self.pipes = pipes
        self.changes: list[dict[str, int]] = []
        self.supervisor = Supervisor(console, order=("one", "two"), follow={"one": ("two",)})
        self.supervisor.on_change(lambda: self.changes.append(self.supervisor.pids))

    async def child(self, name: str, script: str = PARENT) -> Child:
        mark = self.folder / name

        async def ready(_started: datetime) -> bool:
            return mark.exists()

        output = await self.pipes.enter_async_context(self.console.pipe(name))
        command = [sys.executable, "-c", script, str(mark)]
        return Child(Program(name, command, ready, ready_within=10), output)

    def helper(self, name: str) -> int:
        return int((self.folder / name).read_text())


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as pipes:
        console = pipes.enter_context(closing(Console(tmp_path / "log")))
        made = Bench(tmp_path, console, pipes)
        yield made
        await made.supervisor.stop_all()


async def eventually(condition: Callable[[], bool]) -> None:
    assert await until(condition, seconds=20)


async def test_stop_all_when_programs_run_then_neither_they_nor_their_helpers_are_left(
    bench: Bench,
) -> None:
    await bench.supervisor.start(await bench.child("one"))
    await bench.supervisor.start(await bench.child("two"))
    pids = [*bench.supervisor.pids.values(), bench.helper("one"), bench.helper("two")]
    assert all(psutil.pid_exists(pid) for pid in pids)
    await bench.supervisor.stop_all()
    await eventually(lambda: not any(map(_runs, pids)))


async def test_keep_alive_when_a_program_is_killed_then_a_new_one_is_announced(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    await bench.supervisor.start(await bench.child("one"))
    old, helper = bench.supervisor.pids["one"], bench.helper("one")
    os.kill(old, signal.SIGKILL)
    await eventually(lambda: bench.changes[-1].get("one", old) != old)
    assert _runs(bench.supervisor.pids["one"])
    await eventually(lambda: not _runs(helper))
    assert "one died (signal SIGKILL); starting it again" in capsys.readouterr().out


async def test_keep_alive_when_a_program_keeps_dying_then_gives_up_with_its_last_words(
    bench: Bench,
) -> None:
    mortal = PARENT.replace(
        "threading.Event",
        "pathlib.Path('mortal').exists() and sys.exit('no more')\nthreading.Event",
    ).replace("'mortal'", repr(str(bench.folder / "mortal")))
    await bench.supervisor.start(await bench.child("one", mortal))
    (bench.folder / "mortal").touch()
    os.kill(bench.supervisor.pids["one"], signal.SIGKILL)
    with pytest.raises(StartupError, match=r"one process died 5 times within a minute.*no more"):
        async with asyncio.timeout(60):
            await bench.supervisor.until_given_up()


async def test_start_when_a_program_ends_at_once_then_says_how(bench: Bench) -> None:
    with pytest.raises(StartupError, match=r"one process ended while starting \(exit code 3\)"):
        await bench.supervisor.start(await bench.child("one", "import sys; sys.exit(3)"))


async def test_keep_alive_when_a_program_was_away_for_long_then_its_follower_begins_anew(
    bench: Bench,
) -> None:
    slow = PARENT.replace("import pathlib", "import time, pathlib").replace(
        "part.rename",
        "time.sleep(2.1 if pathlib.Path(sys.argv[1] + '.again').exists() else 0)\n"
        "pathlib.Path(sys.argv[1] + '.again').touch()\npart.rename",
    )
    await bench.supervisor.start(await bench.child("one", slow))
    await bench.supervisor.start(await bench.child("two"))
    follower = bench.supervisor.pids["two"]
    (bench.folder / "one").unlink()
    os.kill(bench.supervisor.pids["one"], signal.SIGKILL)
    await eventually(lambda: bench.supervisor.pids.get("two", follower) != follower)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
