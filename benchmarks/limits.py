"""What a check of the rate limits costs, and what one organization notices of another's flood.

Usage: ``python -m benchmarks.limits [--rounds 5] [--times 200] [--connections 32]``. Starts database, Valkey and API in
a temporary folder. Quiet and flooded measurements take turns, so that both meet the same machine. The flood comes
from a process of its own, as fast as the API answers, over so many connections.
"""

import argparse
import asyncio
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from backend.core import db
from backend.core.db import Database
from backend.core.ids import OrgId, UserId, new_uuid
from backend.core.settings import Settings, load
from benchmarks.flood import Line, flood
from benchmarks.installation import installation
from benchmarks.report import busyness, carry_out, heading, p95
from tenancy.context import TenantContext
from tenancy.limiter import RateLimiter
from tenancy.members import add_member, add_user
from tenancy.organizations import create_organization
from tenancy.permissions import Role
from tenancy.ratelimit import claims_of_member
from tenancy.session import tenant
from tenancy.tiers import Tier
from tenancy.tokens import issue_tokens
from tests.fixtures.client import ServerProcess
from tests.fixtures.valkey import storage_of, valkey_server


async def main(rounds: int, times: int, connections: int) -> None:
    """Measure and print the figures."""
    print(heading())
    folder = Path(tempfile.mkdtemp(prefix="limits-"))
    async with AsyncExitStack() as running:
        running.callback(shutil.rmtree, folder)
        valkey = valkey_server(folder / "valkey")
        valkey.start()
        running.callback(valkey.stop)
        await _costs({"this process": "async+memory://", "Valkey": storage_of(valkey)})
        _, own = await running.enter_async_context(installation())
        for name, storage in (("this process", "async+memory://"), ("Valkey", storage_of(valkey))):
            settings = {**own, "COUNTERSIGN_RATE_LIMIT_STORAGE": storage}
            server = ServerProcess(settings, folder / "api.log")
            await asyncio.to_thread(server.start)
            try:
                print(f"\nlimits counted in {name}:")
                await _fairness(load(settings), server.url, rounds, times, connections)
            finally:
                server.stop()
    print(f"\n{busyness()}")


async def _costs(storages: Mapping[str, str]) -> None:
    print("\n| one check, µs | organizations | wall p50 | CPU |\n|---|---|---|---|")
    for name, uri in storages.items():
        for organizations in (1, 1_000):
            limiter = RateLimiter(uri)
            people = [(OrgId(new_uuid()), UserId(new_uuid())) for _ in range(organizations)]
            claims = [claims_of_member(*one, Tier.ENTERPRISE) for one in people]
            for one in claims:
                await limiter.hit(one)
            walls, began = [], time.process_time()
            for index in range(1_000):
                started = time.perf_counter()
                await limiter.hit(claims[index % organizations])
                walls.append(time.perf_counter() - started)
                await asyncio.sleep(0)  # a request also gives way to others
            cpu = (time.process_time() - began) / len(walls)
            figures = f"{1e6 * median(walls):.0f} | {1e6 * cpu:.0f}"
            print(f"| {name} | {organizations} | {figures} |")
            await limiter.close()


async def _fairness(
    settings: Settings, url: str, rounds: int, times: int, connections: int
) -> None:
    database = db.connect(settings.database, pool_size=2)
    quiet = await _member(database, settings, Tier.PROFESSIONAL)
    loud = await _member(database, settings, Tier.FREE)
    await database.close()
    alone: list[float] = []
    beside: list[float] = []
    answers: Counter[int] = Counter()
    async with Line.to(url, quiet) as line:
        await _latencies(line, times)
        for _ in range(rounds):
            alone += await _latencies(line, times)
            async with flood(url, loud, connections) as flooded:
                beside += await _latencies(line, times)
            answers.update(flooded)
    print("| reply, ms | p50 | p95 | n |\n|---|---|---|---|")
    for name, found in (("alone", alone), ("beside a flood", beside)):
        print(f"| {name} | {median(found):.2f} | {p95(found):.2f} | {len(found)} |")
    told = ", ".join(f"{count} times {status}" for status, count in sorted(answers.items()))
    print(f"ratio of p95 {p95(beside) / p95(alone):.2f}; the flood got {told}")


async def _latencies(line: Line, times: int) -> list[float]:
    """Milliseconds of so many requests, fifty a second, as somebody's program might ask."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        status = await line.ask()
        found.append(1000 * (time.perf_counter() - began))
        if status != 200:
            raise RuntimeError(f"the quiet organization was answered with {status}")
        await asyncio.sleep(0.02)
    return found


async def _member(database: Database, settings: Settings, tier: Tier) -> str:
    """The token of somebody in an organization of their own."""
    slug = f"org-{secrets.token_hex(6)}"
    org_id = await create_organization(database, slug=slug, name=slug, is_demo=False, tier=tier)
    user_id = await add_user(
        database, email=f"one@{slug}.example", name="One", password=secrets.token_urlsafe(16)
    )
    async with tenant(database, TenantContext(org_id)) as session:
        await add_member(session, user_id, Role.TEAM_LEAD, None)
    return (await issue_tokens(database, settings.keys, user_id, org_id, None)).access


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of quiet and flooded")
    parser.add_argument("--times", type=int, default=200, help="measurements in each turn")
    parser.add_argument("--connections", type=int, default=32, help="of the flood")
    options = parser.parse_args()
    carry_out(main(options.rounds, options.times, options.connections))
