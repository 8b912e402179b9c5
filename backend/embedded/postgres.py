"""Embedded PostgreSQL 18 with pgvector on the loopback interface: start or adopt, stop, connection strings."""

import asyncio
import contextlib
import json
import secrets
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from backend.embedded import ports, postgres_files, processes, roles
from backend.embedded.errors import StartupError
from backend.embedded.locks import locked
from backend.embedded.postgres_files import DATABASE, ROLES, SUPERUSER
from backend.embedded.waiting import until

__all__ = ["DATABASE", "ROLES", "SUPERUSER", "EmbeddedPostgres"]

_READY_WITHIN = 60.0  # seconds; recovery after a crash may take a while
_STOPPED_WITHIN = 30.0
_PID_LINE, _PORT_LINE, _STATUS_LINE = 0, 3, 7  # of postmaster.pid


class EmbeddedPostgres:
    """One cluster in one folder; several processes may start it: one does, the others adopt the running server.

    ``home`` is where it really lies: for root below a closed folder, under /var/lib/countersign.
    ``port`` is a wish for a new server; without one a free port is taken. ``output`` gets the
    server's log, else postgres.log in ``home``. The server dies with the process that started it.
    """

    name = "postgres"

    def __init__(self, home: Path, *, port: int | None = None, output: int | None = None) -> None:
        self._account = processes.unprivileged_account()
        self.home = postgres_files.data_home(home, self._account)
        self.moved = self.home != home.resolve()
        self.log = self.home / "postgres.log"
        self._data = self.home / "data"
        self._wanted_port = port
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the running server, also of one that another process started."""
        found = self._server()
        return found.pid if found else None

    @property
    def port(self) -> int:
        """The TCP port of the running server."""
        line = self._pid_file_line(_PORT_LINE)
        if line is None:
            raise StartupError("PostgreSQL is not running.")
        return int(line)

    def dsn(self, role: str, *, database: str = DATABASE, driver: str = "") -> str:
        """Connection string for a role of :data:`ROLES` or the superuser.

        ``driver="+asyncpg"`` makes it one for SQLAlchemy.
        """
        login = f"{role}:{quote(self._passwords()[role], safe='')}"
        return f"postgresql{driver}://{login}@{ports.LOOPBACK}:{self.port}/{database}"

    async def start(self) -> None:
        """Return when the server accepts connections; creates the cluster at the first start."""
        postgres_files.make_home(self.home)
        async with locked(self.home / "lock"):
            programs = await asyncio.to_thread(postgres_files.programs, self.home, self._account)
            if not self._secrets.exists():
                await postgres_files.create_cluster(programs, self.home, self._account)
            if not self._accepting():
                await self._drop_stale()
                self._launch(programs)
                await self._until_accepting()
            await self._add_roles()

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, committed data is flushed."""
        server = self._server()
        if server is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            server.send_signal(signal.SIGINT)
        if not await until(self._has_ended, seconds=_STOPPED_WITHIN, every=0.02):
            raise StartupError(f"PostgreSQL (pid {server.pid}) does not stop; see its log.")
        if self._process:
            self._process.wait()

    async def wait(self) -> int | None:
        """Return when the server has ended: its exit code if this process started it, else None."""
        await until(self._has_ended, every=0.1)
        return self._process.wait() if self._process else None

    def _launch(self, programs: Path) -> None:
        port = self._wanted_port or ports.free_port()
        options = {"listen_addresses": ports.LOOPBACK, "port": port, "unix_socket_directories": ""}
        command: list[str | Path] = [programs / "postgres", "-D", self._data]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = processes.spawn(
                command,
                output=log.fileno() if self._output is None else self._output,
                cwd=Path("/"),
                account=self._account,
                death_signal=signal.SIGINT,
            )

    async def _add_roles(self) -> None:
        """Give a cluster of an earlier release the roles that have come since."""
        known = self._passwords()
        passwords = {role: secrets.token_urlsafe(24) for role in ROLES} | known
        if passwords == known:
            return
        at = f"{ports.LOOPBACK}:{self.port}/{DATABASE}"
        urls = {
            role: f"postgresql://{role}:{quote(passwords[role], safe='')}@{at}" for role in ROLES
        }
        await roles.create_roles(self.dsn(SUPERUSER, database="postgres"), urls)
        postgres_files.write_private(self._secrets, json.dumps(passwords))

    def _passwords(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._secrets.read_text())
        return found

    @property
    def _secrets(self) -> Path:
        return self.home / "secrets.json"

    async def _until_accepting(self) -> None:
        def settled() -> bool:
            ended = self._process is not None and self._process.poll() is not None
            return ended or self._accepting()

        if not await until(settled, seconds=_READY_WITHIN, every=0.02) or not self._accepting():
            raise StartupError(f"PostgreSQL did not start: {self._why()}")

    async def _drop_stale(self) -> None:
        # The pid file is the interlock against two servers on one folder: it may go only when no
        # process of a killed server is left.
        deadline = time.monotonic() + 15
        while await asyncio.to_thread(self._leftovers):
            if time.monotonic() > deadline:
                raise StartupError(
                    f"Processes of a killed PostgreSQL still use {self._data}; end them first."
                )
            await asyncio.sleep(0.05)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _leftovers(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _server(self) -> psutil.Process | None:
        if self._process:
            self._process.poll()  # reaps a child that has ended
        try:
            process = psutil.Process(int(self._pid_file_line(_PID_LINE) or ""))
        except (ValueError, psutil.Error):
            return None
        return process if self._is_ours(process) else None

    def _is_ours(self, process: psutil.Process) -> bool:
        # A zombie or a recycled pid is not the server: PostgreSQL works in its data folder.
        try:
            return (
                process.name().startswith("postgres")
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()) == self._data
            )
        except psutil.Error:
            return False

    def _has_ended(self) -> bool:
        return self._server() is None

    def _accepting(self) -> bool:
        return self._pid_file_line(_STATUS_LINE) == "ready" and self._server() is not None

    def _pid_file_line(self, number: int) -> str | None:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()[number].strip()
        except (FileNotFoundError, IndexError):
            return None

    def _why(self) -> str:
        if self._output is not None:
            return "see the log."
        lines = self.log.read_text(errors="replace").splitlines()
        fatal = [line for line in lines[-30:] if "FATAL" in line or "PANIC" in line]
        return f"{(fatal or lines or ['it printed nothing'])[-1]} (log: {self.log})"
