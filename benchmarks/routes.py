"""The authenticated list of runs, beside raw ASGI, bare Litestar, and FastAPI with SQLAlchemy.

Usage: ``python -m benchmarks.routes [--rounds 5] [--seconds 4] [--connections 8]`` after
``uv sync --locked --project benchmarks/rivals``. Raw ASGI and bare Litestar send the database the statements that were
written down from the product's own route, and nothing else. FastAPI's list is written with ORM and models, as one does:
it logs in, counts and reads under the same row-level security. They take turns, each in one process.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import msgspec
from sqlalchemy import event

from backend.app import create_app
from backend.core import db
from backend.core.settings import Settings, load, process_environment
from backend.embedded.ports import free_port
from backend.embedded.postgres import EmbeddedPostgres
from backend.playbooks import overdue_invoices, service
from backend.runs.service import RunInputs, request_run
from benchmarks.flood import Line
from benchmarks.installation import copy_runs, installation
from benchmarks.report import busyness, carry_out, heading, p95
from tenancy.context import Channel, TenantContext
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tenancy.tiers import Tier
from tenancy.tokens import issue_tokens
from tests.definitions import quick
from tests.fixtures.client import ServerProcess, running
from tests.waiting import eventually

PATH = "/api/v1/runs?limit=50"
RUNS = 2_000
_RIVALS = Path(__file__).parent / "rivals"
_PROGRAMS = {
    "raw ASGI": "listing:raw",
    "bare Litestar": "listing:bare_litestar",
    "FastAPI + SQLAlchemy": "listing_fastapi:app",
}
_OURS = "Countersign"


@dataclass
class Contestant:
    """A server at work and what was measured of it."""

    url: str
    path: str
    rates: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


async def main(rounds: int, seconds: float, connections: int) -> None:
    """Measure in turns and print."""
    print(f"{heading()}\n")
    folder = Path(tempfile.mkdtemp(prefix="routes-"))
    async with installation() as (postgres, environ), AsyncExitStack() as serving:
        settings = load(environ)
        token = await furnish(settings, postgres)
        work = folder / "work"
        work.write_bytes(msgspec.msgpack.encode(await written_down(settings, token)))
        ours = ServerProcess(environ, folder / "api.log")
        await asyncio.to_thread(ours.start)
        serving.callback(ours.stop)
        contestants = {_OURS: Contestant(ours.url, PATH)}
        for name, program in _PROGRAMS.items():
            url = await serving.enter_async_context(rival(program, token, work, folder))
            contestants[name] = Contestant(url, "/")
        for turn in range(rounds + 1):
            for one in contestants.values():
                rate, took = await closed_loop(one, token, seconds, connections)
                if turn:  # the first is for warming up
                    one.rates.append(rate)
                    one.took += took
    report(contestants)


async def furnish(settings: Settings, postgres: EmbeddedPostgres) -> str:
    """An organization with so many runs; a token of somebody who may read them all."""
    database = db.connect(settings.database, pool_size=2)
    org_id = await create_organization(
        database, slug="routes", name="Routes", is_demo=False, tier=Tier.ENTERPRISE
    )
    user_id = await add_user(database, email="r@routes.example", name="R", password="x" * 20)
    async with tenant(database, TenantContext(org_id)) as session:
        await add_member(session, user_id, Role.ORG_ADMIN, None)
        slug, name = overdue_invoices.SLUG, overdue_invoices.NAME
        playbook = await service.install(session, slug=slug, name=name, definition=quick())
        principal = await load_principal(session, user_id, Channel.REST)
    async with tenant(database, principal.tenant) as session:
        run = await request_run(session, principal, playbook.id, RunInputs())
    token = (await issue_tokens(database, settings.keys, user_id, org_id, None)).access
    await database.close()
    await copy_runs(postgres, [run.id], RUNS)
    return token


async def written_down(settings: Settings, token: str) -> dict[str, Any]:
    """What one request asks of the database, and the rows of its reply."""
    app = create_app(settings)
    transactions: list[dict[str, Any]] = []
    async with running(app):
        database = app.state.services.database
        for role, engine in (("system", database.system), ("app", database.app)):

            def begin(_connection: object, role: str = role) -> None:
                transactions.append({"role": role, "statements": []})

            def execute(_c: object, _cursor: object, sql: str, given: Any, *_: object) -> None:  # noqa: ANN401
                transactions[-1]["statements"].append({"sql": sql, "parameters": list(given or ())})

            event.listen(engine.sync_engine, "begin", begin)
            event.listen(engine.sync_engine, "before_cursor_execute", execute)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for _ in range(2):  # the month's count of calls is read with the first
                (await client.get(PATH, headers=headers)).raise_for_status()
            transactions.clear()
            reply = (await client.get(PATH, headers=headers)).raise_for_status()
            asked = list(transactions)
    dsn = {"app": settings.database.app, "system": settings.database.system}
    key = settings.keys.derive("access tokens")
    return {"dsn": dsn, "key": key, "transactions": asked, "items": reply.json()["items"]}


@asynccontextmanager
async def rival(program: str, token: str, work: Path, folder: Path) -> AsyncIterator[str]:
    """A rival's program served as ours is; its address."""
    port = free_port()
    command = [
        str(_RIVALS / ".venv" / "bin" / "granian"),
        "--interface",
        "asgi",
        "--loop",
        "uvloop",
    ]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", program]
    environ = {**process_environment(), "LISTING_WORK": str(work)}
    with (folder / "rivals.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=_RIVALS / "programs", env=environ, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:

            async def answers() -> bool:
                try:
                    return (await client.get(url)).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(answers, f"{program} answers", seconds=30)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def closed_loop(
    one: Contestant, token: str, seconds: float, connections: int
) -> tuple[float, list[float]]:
    """So many clients that ask again as soon as they are answered: replies a second, and milliseconds of each."""
    until, took = time.monotonic() + seconds, list[float]()

    async def client() -> None:
        async with Line.to(one.url, token, one.path) as line:
            while (began := time.monotonic()) < until:
                status = await line.ask()
                if status != 200:
                    raise RuntimeError(f"{one.url} answered {status}")
                took.append(1000 * (time.monotonic() - began))

    await asyncio.gather(*(client() for _ in range(connections)))
    return len(took) / seconds, took


def report(contestants: Mapping[str, Contestant]) -> None:
    """The table, each beside raw ASGI and FastAPI in the same turns."""
    floor, usual = contestants["raw ASGI"], contestants["FastAPI + SQLAlchemy"]
    print("| list of 50 runs | replies/s | p50 ms | p95 ms | to raw ASGI | to FastAPI |")
    print("|---|---|---|---|---|---|")
    for name, one in contestants.items():
        ratios = f"{_ratio(one.rates, floor.rates):.2f} | {_ratio(one.rates, usual.rates):.2f}"
        times = f"{median(one.took):.1f} | {p95(one.took):.1f}"
        print(f"| {name} | {median(one.rates):.0f} | {times} | {ratios} |")
    print(f"\n{busyness()}; each had {os.cpu_count()} cores with its database and its clients")


def _ratio(rates: Sequence[float], others: Sequence[float]) -> float:
    return median(one / other for one, other in zip(rates, others, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    carry_out(main(options.rounds, options.seconds, options.connections))
