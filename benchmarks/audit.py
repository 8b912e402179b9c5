"""How many acts a second are written into the audit and chained, and how long one write takes.

Through the product's own door (`tenancy.session`) under row-level security, by writer processes on a database of its
own, with the sealer at work all the time: ``python -m benchmarks.audit``. An act counts when it has its place in the
chain. Measured are one act alone in its transaction, acts beside a statement of what they tell of, and that statement
without any act, which the others are set against.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from backend.core import db
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.core.settings import DatabaseSettings, load
from benchmarks.installation import installation
from benchmarks.report import busyness, carry_out, heading
from tenancy.audit import AuditAction
from tenancy.auditing import exporting
from tenancy.auditing.sealing import checkpoint
from tenancy.auditing.verifying import verify
from tenancy.changes import Change, record
from tenancy.context import Channel, TenantContext
from tenancy.models.audit import AuditLink
from tenancy.models.organization import Organization
from tenancy.organizations import create_organization
from tenancy.session import tenant
from tests.waiting import eventually
from workflows.sealer import Sealer


class Work(NamedTuple):
    """What one transaction does: a statement of its own or none, and so many acts."""

    statement: bool
    acts: int

    def __str__(self) -> str:
        acts = f"{self.acts} act" + "s" * (self.acts > 1)
        return " and ".join(["a statement"] * self.statement + [acts] * (self.acts > 0))


_NO_ACT, _ALONE = Work(statement=True, acts=0), Work(statement=False, acts=1)
_WORKS = (_NO_ACT, _ALONE, Work(statement=True, acts=1), Work(statement=True, acts=20))
_DETAILS = {
    "digest": "5f" * 32,
    "reason": "The customer was called and pays on Friday",
    "amount": {"minor": 123_456, "currency": "EUR"},
    "revision": 3,
}


async def measure(options: argparse.Namespace) -> None:
    """All of it, one line each."""
    print(heading())
    async with installation() as (_, environ):
        settings = load(environ).database
        database = db.connect(settings, pool_size=4)
        sealer = db.sealer(settings)
        org_ids = [
            await create_organization(database, slug=f"o{at}", name="O", is_demo=False)
            for at in range(options.organizations)
        ]
        sealing = asyncio.create_task(Sealer(sealer, settings.audit).run())
        for work in (_NO_ACT, _ALONE):
            alone = await latencies(database, org_ids[0], 500, work)
            print(f"one writer, {work} in a transaction: {_spread(alone)}")
        for work in _WORKS:
            await throughput(options, environ, database, org_ids, work)
        await checkpoint(sealer, settings.audit)
        await verification(database, settings, org_ids[0])
        sealing.cancel()
        await asyncio.gather(sealing, return_exceptions=True)
        await sealer.dispose()
        await database.close()


async def throughput(
    options: argparse.Namespace,
    environ: Mapping[str, str],
    database: Database,
    org_ids: Sequence[OrgId],
    work: Work,
) -> None:
    """Writers in processes of their own for some seconds, and how long the sealer needs to the last of their acts."""
    loop, before = asyncio.get_running_loop(), await chained(database, org_ids)
    began = time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        runs = [
            loop.run_in_executor(
                pool, write, environ, org_ids, options.seconds, options.connections, work
            )
            for _ in range(options.processes)
        ]
        took = [one for run in await asyncio.gather(*runs) for one in run]
    written = time.monotonic() - began

    async def all_chained() -> bool:
        return await chained(database, org_ids) >= before + len(took) * work.acts

    await eventually(all_chained, "every act has its place", seconds=120)
    sealed = time.monotonic() - began
    print(
        f"{options.processes} x {options.connections} writers, {work} in a transaction,"
        f" {len(org_ids)} organizations: {len(took) / written:,.0f} transactions/s,"
        f" {len(took) * work.acts / sealed:,.0f} chained acts/s;"
        f" all in the chain {1000 * (sealed - written):,.0f} ms after the last commit;"
        f" transaction {_spread(took)}; {busyness()}"
    )


def write(
    environ: Mapping[str, str],
    org_ids: Sequence[OrgId],
    seconds: float,
    connections: int,
    work: Work,
) -> list[float]:
    """One writer process: milliseconds of each transaction."""

    async def run() -> list[float]:
        database = db.connect(load(environ).database, pool_size=connections)
        until, took = time.monotonic() + seconds, list[float]()

        async def writer(number: int) -> None:
            while time.monotonic() < until:
                org_id = org_ids[(number + len(took)) % len(org_ids)]
                took.append(await transact(database, org_id, work))

        await asyncio.gather(*(writer(number) for number in range(connections)))
        await database.close()
        return took

    return asyncio.run(run())


async def latencies(database: Database, org_id: OrgId, count: int, work: Work) -> list[float]:
    """Milliseconds of so many transactions, one after the other."""
    return [await transact(database, org_id, work) for _ in range(count)]


async def transact(database: Database, org_id: OrgId, work: Work) -> float:
    """One transaction; its milliseconds."""
    began = time.perf_counter()
    context = TenantContext(org_id, channel=Channel.REST, request_id="benchmark")
    async with tenant(database, context) as session:
        if work.statement:
            await session.execute(select(Organization.name))
        for _ in range(work.acts):
            change = Change(org_id, audit=AuditAction.PROPOSAL_APPROVED, details=_DETAILS)
            record(session, change)
    return 1000 * (time.perf_counter() - began)


async def chained(database: Database, org_ids: Sequence[UUID]) -> int:
    """How many acts have their place in a chain."""
    total = 0
    for org_id in org_ids:
        async with tenant(database, TenantContext(OrgId(org_id))) as session:
            total += await session.scalar(select(func.coalesce(func.max(AuditLink.seq), 0))) or 0
    return total


async def verification(database: Database, settings: DatabaseSettings, org_id: OrgId) -> None:
    """Export one organization's log and verify it."""
    began = time.monotonic()
    pieces = [piece async for piece in exporting.ndjson(database, TenantContext(org_id))]
    exported, lines = time.monotonic(), b"".join(pieces).splitlines(keepends=True)
    report = verify(lines, settings.audit)
    verified = time.monotonic()
    if report.problems:
        raise RuntimeError(f"the log is not whole: {report.problems[0]}")
    print(
        f"{report.events:,} events exported at {report.events / (exported - began):,.0f}/s,"
        f" verified at {report.events / (verified - exported):,.0f}/s, nothing missing"
    )


def _spread(took: Sequence[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--organizations", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    carry_out(measure(_options()))
