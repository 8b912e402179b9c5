"""How programs are started: bound to this process's life, with few rights and readable failures."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.errors import StartupError

DISK_FULL = "No space left on device"


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a program runs as."""

    uid: int
    gid: int


class CommandError(StartupError):
    """A program that should have succeeded did not; ``output`` is the end of what it printed."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


def unprivileged_account() -> Account | None:
    """The account for programs that refuse to run as root; None when this process is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise StartupError(
        "PostgreSQL must not run as root: create a user `nobody` or start as another user."
    )


def spawn(
    command: Sequence[str | Path],
    *,
    output: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session that gets ``death_signal`` when this process dies.

    Call it on the main thread: Linux sends the signal when the *thread* that started it ends.
    Where ``setpriv`` is missing (macOS) a killed parent leaves the program running.
    """
    return subprocess.Popen(  # noqa: S603 - our own command lines
        [*_bind(death_signal), *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=env,
        cwd=cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
    )


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a spawned program and of all that it started, and reap it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


async def run(
    command: Sequence[str | Path],
    *,
    what: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    stdin: str = "",
) -> str:
    """Run a program to its end and return what it printed. Cancelling ends it.

    Raises :class:`CommandError`: ``what`` (such as "the migration") failed, with its last line.
    """
    process = await asyncio.create_subprocess_exec(
        *_bind(signal.SIGTERM),
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=env,
        cwd=cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
    )
    try:
        printed, _ = await process.communicate(stdin.encode())
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        raise
    text = printed.decode(errors="replace")
    if process.returncode:
        raise CommandError(_failure(what, text, process.returncode), text)
    return text


def _bind(death_signal: signal.Signals) -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", death_signal.name.removeprefix("SIG"), "--"] if setpriv else []


def _failure(what: str, text: str, code: int) -> str:
    if DISK_FULL in text:
        return f"The disk is full: {what} stopped; free some space and start again."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1] if lines else "it printed nothing"
    return f"{what[0].upper()}{what[1:]} failed (exit code {code}): {last}"
