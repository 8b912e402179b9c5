"""The steps from nothing to a healthy demo, side by side where they do not need each other."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from backend.core.clock import now
from backend.core.masters import KEY_BYTES, Master, parse
from backend.embedded import (
    demo_cast,
    demo_file,
    postgres_files,
    processes,
    temporal,
    temporal_binary,
)
from backend.embedded.child import Child, Program, describe_exit
from backend.embedded.console import Console
from backend.embedded.errors import StartupError
from backend.embedded.launch import PROJECT, Launch
from backend.embedded.services import Stack, python
from backend.embedded.supervisor import Supervisor
from backend.embedded.waiting import until

_OWN_SENTENCE = "countersign: "  # how a command of ours says what is wrong
_ALREADY_FILLED = 3  # exit code of the simulator's `seed` for an account that has customers


class Starting:
    """One start. Each step that starts something hands it to the supervisor at once."""

    def __init__(
        self,
        launch: Launch,
        stack: Stack,
        console: Console,
        supervisor: Supervisor,
        pipes: AsyncExitStack,
    ) -> None:
        self._launch = launch
        self._stack = stack
        self._console = console
        self._supervisor = supervisor
        self._pipes = pipes
        self._master_key = b""

    async def run(self) -> demo_file.DemoFile:
        """Return when everything is healthy and the demo is there."""
        self._announce()
        self._master_key = self._ensure_master_key()
        async with asyncio.TaskGroup() as group:
            database = group.create_task(self._database())
            engine = group.create_task(self._temporal())
            simulator = group.create_task(self._stripe())
            site = group.create_task(self._site())
            group.create_task(self._worker(database, engine, simulator))
            group.create_task(self._web(database, site))
        await self._demo_data()
        return self.demo()

    def demo(self) -> demo_file.DemoFile:
        """Addresses, log-ins and process ids as they are now."""
        at = self._stack.at
        return demo_file.compose(
            web_url=at.web_url,
            stripe_url=at.stripe_url,
            temporal_address=at.temporal_address,
            database_url=self._stack.postgres.dsn("app_rw"),
            master_key=self._master_key,
            pids=self._supervisor.pids,
        )

    def _announce(self) -> None:
        if self._launch.demo.exists():
            return
        say = self._console.say
        say("first start: downloads, builds and fills a demo; later starts take seconds")
        launch = self._launch
        if not temporal_binary.at_hand(launch.temporal_binary, launch.cache, launch.environ):
            say("the Temporal server is built from source, once: about 4 minutes, 3.2 GB of disk")

    def _ensure_master_key(self) -> bytes:
        path = self._launch.master_key
        if not path.exists():
            if (self._stack.postgres.home / "secrets.json").exists():
                raise StartupError(
                    f"{path} is missing but {self._stack.postgres.home} holds data encrypted with "
                    "it: bring the key back, or remove that folder to begin anew."
                )
            first = Master("m1", secrets.token_bytes(KEY_BYTES), now())
            postgres_files.write_private(path, first.line())
        kept = parse(path.read_text())
        return min(kept, key=lambda one: one.number).secret  # what the demo's log-ins were made of

    async def _database(self) -> None:
        postgres = self._stack.postgres
        if postgres.moved:
            self._console.say(
                f"PostgreSQL may not enter this folder; its data is in {postgres.home}"
            )
        async with self._console.step("PostgreSQL"):
            await self._supervisor.start(postgres)
        async with self._console.step("database migrations"):
            env = self._stack.environment()
            env["COUNTERSIGN_OWNER_DATABASE_URL"] = postgres.dsn("app_owner")
            await self._run("migrate", python("backend.cli", "migrate"), env)

    async def _temporal(self) -> None:
        ports = self._stack.at.temporal
        async with self._console.step("Temporal server"):
            program = await temporal_binary.resolve(
                self._launch.temporal_binary,
                self._launch.cache,
                self._launch.environ,
                self._console.say,
            )
            output = await self._pipes.enter_async_context(self._console.pipe("temporal"))
            database = self._launch.state / "temporal.db"
            await self._supervisor.start(temporal.server(program, database, ports, output))
            await temporal.keep_closed_workflows(ports)

    async def _stripe(self) -> None:
        async with self._console.step("Stripe simulator"):
            await self._fill_accounts()
            await self._start(self._stack.stripe())

    async def _fill_accounts(self) -> None:
        database = self._stack.stripe_database
        mark = database.with_name("filled")
        if mark.exists() and database.exists():
            return
        for organization in demo_cast.ORGANIZATIONS:
            command = python("backend.embedded.simulators.stripe", "seed", "--db", str(database))
            command += ["--key", demo_cast.stripe_key(self._master_key, organization.slug)]
            command += ["--account-name", organization.name, "--currency", organization.currency]
            command += ["--seed", str(organization.seed)]
            await self._run("stripe", command, self._launch.environ, accept=_ALREADY_FILLED)
        mark.touch()

    async def _site(self) -> None:
        async with self._console.step("pages"):
            command = python("backend.cli", "site")
            await self._run("pages", command, self._stack.site_environment(), progress=True)

    async def _worker(self, *needed: asyncio.Task[None]) -> None:
        await asyncio.gather(*needed)
        async with self._console.step("worker"):
            await self._start(self._stack.worker())

    async def _web(self, *needed: asyncio.Task[None]) -> None:
        await asyncio.gather(*needed)
        async with self._console.step("web (API and pages)"):
            await self._start(self._stack.web())

    async def _demo_data(self) -> None:
        demo_file.write(self._launch.demo, self.demo())
        env = self._stack.environment()
        at = self._stack.at.web_url  # the simulator sends its events there
        filled_for = f"model {env.get('COUNTERSIGN_MODEL', '')}\nweb {at}\n"
        mark = self._stack.postgres.home / "demo-filled"  # beside the data that it speaks of
        if mark.exists() and mark.read_text() == filled_for:
            return
        async with self._console.step("demo data (agents work through the receivables)"):
            await self._run("demo", python("backend.cli", "seed"), env, progress=True)
        mark.write_text(filled_for)

    async def _start(self, program: Program) -> None:
        output = await self._pipes.enter_async_context(self._console.pipe(program.name))
        await self._supervisor.start(Child(program, output))

    async def _run(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        progress: bool = False,
        accept: int = 0,
    ) -> None:
        """Run a program to its end; raises :class:`StartupError` unless it ends with 0 or ``accept``."""
        async with self._console.pipe(name, progress=progress) as output:
            process = processes.spawn(command, output=output, env=env, cwd=PROJECT)
            try:
                await until(lambda: process.poll() is not None)
            finally:
                processes.end_group(process)
        if process.returncode in (0, accept):
            return
        last = self._console.last_line(name)
        if last.startswith(_OWN_SENTENCE):
            raise StartupError(last.removeprefix(_OWN_SENTENCE))
        how = describe_exit(process.returncode)
        raise StartupError(f"The {name} step failed ({how}): {last}")
