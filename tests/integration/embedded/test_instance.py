"""One stack per state folder, and what a killed one has left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.embedded import instance
from backend.embedded.errors import StartupError
from backend.embedded.instance import Instance, Running
from backend.embedded.ports import is_free
from backend.embedded.waiting import until

HOLD = (
    "import pathlib, sys, threading\n"
    "from backend.embedded import instance\n"
    "state = pathlib.Path(sys.argv[1])\n"
    "lock = instance.claim(state)\n"
    "instance.publish(state, 'http://127.0.0.1:1', 'ready', {})\n"
    "print('held', flush=True)\n"
    "threading.Event().wait()\n"
)
OUTLIVED = (
    "import ctypes, socket, threading\n"
    "listener = socket.create_server(('127.0.0.1', 0))\n"
    "threading.Thread(target=threading.Event().wait).start()\n"
    "print(listener.getsockname()[1], flush=True)\n"
    "ctypes.CDLL(None).pthread_exit(None)\n"
)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.fixture
def outlived() -> Iterator[tuple[int, int]]:
    """Pid and port of a program whose first thread is over while another one goes on."""
    command = [sys.executable, "-c", OUTLIVED]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        yield process.pid, int(process.stdout.readline())
        process.kill()


def test_claim_when_another_process_holds_it_then_says_where_and_how_to_stop(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    words = rf"already running at http://127\.0\.0\.1:1 \(pid {holder.pid}\); `make down`"
    with pytest.raises(StartupError, match=words):
        instance.claim(tmp_path)


async def test_stop_when_a_stack_runs_then_it_ends(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    said: list[str] = []
    await instance.stop(tmp_path, said.append)
    assert said == ["stopped"]
    assert holder.wait() == -signal.SIGTERM
    instance.claim(tmp_path).close()


async def test_stop_when_nothing_runs_then_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    await instance.stop(tmp_path, said.append)
    assert said == ["nothing is running"]


async def test_stop_when_a_killed_stack_has_left_programs_then_they_end(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    instance.publish(tmp_path, "http://127.0.0.1:1", "ready", {"worker": sleeper.pid})
    said: list[str] = []
    await instance.stop(tmp_path, said.append)
    assert "ending 1 processes" in said[0]
    assert sleeper.wait() == -signal.SIGTERM
    assert instance.read(tmp_path) is None


async def test_end_remains_when_the_pid_belongs_to_a_later_program_then_it_is_left_alone(
    sleeper: subprocess.Popen[bytes],
) -> None:
    gone = Running(os.getpid(), 1.0)
    stale = Instance(gone, "http://127.0.0.1:1", "ready", {"worker": Running(sleeper.pid, 1.0)})
    assert not await instance.end_remains(stale, print)
    assert sleeper.poll() is None


async def test_end_remains_when_only_the_first_thread_is_over_then_the_port_is_freed(
    tmp_path: Path, outlived: tuple[int, int]
) -> None:
    pid, port = outlived
    instance.publish(tmp_path, "http://127.0.0.1:1", "ready", {"temporal": pid})
    first = psutil.Process(pid)
    assert await until(lambda: first.status() == psutil.STATUS_ZOMBIE, seconds=10)
    left = instance.read(tmp_path)
    assert left
    assert not is_free(port)
    assert await instance.end_remains(left, print)
    assert is_free(port)


async def test_end_remains_when_a_frozen_program_hears_nothing_then_it_is_over_on_return(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    sleeper.send_signal(signal.SIGSTOP)
    instance.publish(tmp_path, "http://127.0.0.1:1", "ready", {"temporal": sleeper.pid})
    left = instance.read(tmp_path)
    assert left
    assert await instance.end_remains(left, print)
    assert sleeper.poll() == -signal.SIGKILL


def test_publish_when_read_by_others_then_is_private(tmp_path: Path) -> None:
    instance.publish(tmp_path, "http://127.0.0.1:1", "starting", {})
    path = tmp_path / "instance.json"
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text())["url"] == "http://127.0.0.1:1"
