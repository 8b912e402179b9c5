"""What the kill test asks of a contestant, and the rivals: programs of their own that are killed and started again."""

import asyncio
import contextlib
import secrets
import sys
from pathlib import Path
from typing import Protocol

from tests.conformance.stripe.account import Account
from tests.waiting import eventually

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / "bin" / "python"
_PATIENCE = {"dbos": 30.0, "langgraph": 3.0}  # LangGraph's library does not resume by itself


class Contestant(Protocol):
    """An agent's process that proposes to credit an invoice, waits for a person, and does it."""

    patience: float
    """Seconds to wait for it to resume by itself before it is asked to."""

    async def start(self) -> None:
        """Start the process; returns when it serves."""

    async def kill(self) -> None:
        """SIGKILL."""

    async def propose(self) -> tuple[Account, str, str]:
        """Let it propose about a fresh invoice; account, invoice and run, when the run waits."""

    async def approve(self, run: str) -> None:
        """Give the person's approval."""

    async def done(self, run: str) -> bool:
        """Whether the run says that the effect is carried out."""

    async def ask_to_resume(self, run: str) -> None:
        """Do what an application must do itself to resume a run; nothing, where it resumes by itself."""


class RivalProgram:
    """A program of the folder ``programs`` in the environment of this folder's own lock."""

    def __init__(
        self,
        rival: str,
        account: Account,
        *,
        database: str,
        base: str,
        look_first: bool,
        log: Path,
    ) -> None:
        self.patience = _PATIENCE[rival]
        self._account = account
        self._log = log
        given = {"database": database, "secret": account.api.key, "base": base}
        options = [f"--{option}={value}" for option, value in given.items()]
        options += ["--look-first"] if look_first else []
        self._command = [str(PYTHON), str(HERE / "programs" / f"with_{rival}.py"), *options]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait for its first line."""
        if not PYTHON.exists():
            sys.exit("First: uv sync --locked --project benchmarks/rivals")
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        await self._line()

    async def kill(self) -> None:
        """SIGKILL, and gone."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def propose(self) -> tuple[Account, str, str]:
        """Start a run about a fresh invoice."""
        invoice = self._account.overdue_invoice()["id"]
        run = f"run-{secrets.token_hex(8)}"
        await self._ask("start", run, invoice)

        async def waits() -> bool:
            return await self._ask("state", run) == "waiting"

        await eventually(waits, f"{run} waits for a person")
        return self._account, invoice, run

    async def approve(self, run: str) -> None:
        """Give the answer."""
        await self._ask("approve", run)

    async def done(self, run: str) -> bool:
        """Ask the program."""
        return await self._ask("state", run) == "done"

    async def ask_to_resume(self, run: str) -> None:
        """As the library's documentation says."""
        await self._ask("resume", run)

    async def _ask(self, *words: str) -> str:
        assert self._process is not None  # noqa: S101 - started before it is asked
        assert self._process.stdin is not None  # noqa: S101 - opened with pipes
        self._process.stdin.write(f"{' '.join(words)}\n".encode())
        return await self._line()

    async def _line(self) -> str:
        assert self._process is not None  # noqa: S101 - started before it is read
        assert self._process.stdout is not None  # noqa: S101 - opened with pipes
        async with asyncio.timeout(60):
            line = (await self._process.stdout.readline()).decode().strip()
        if not line:
            sys.exit(f"The program has ended; see {self._log}")
        return line
