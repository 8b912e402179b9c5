"""How quick pages of the list of proposals are over REST, beside a running `make up`, at 100,000 proposals.

Usage: ``python -m benchmarks.lists [--rows 100000] [--times 200]``. The rows lie in an organization of their own,
"bench-ui", which stays. Its reader asks for one page after the other, in
turns, as an app does.
"""

import argparse
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from statistics import median

import httpx

from backend.core.settings import process_environment
from backend.embedded import launch
from benchmarks.flood import Line
from benchmarks.ledger import ledger
from benchmarks.report import busyness, carry_out, heading, p95
from tenancy.tokens import issue_tokens
from tests.stack import Stack

LIST = "/api/v1/proposals"
_AIM = "p95 < 20"


async def main(rows: int, times: int) -> None:
    """Measure and print."""
    stack = Stack(launch.load(process_environment()).demo.parent)
    url = stack.demo.web_url
    print(f"{heading()}\n", flush=True)
    async with ledger(stack, rows) as opened:
        held = await opened.count()
        keys = stack.settings.keys
        token = (
            await issue_tokens(opened.database, keys, opened.reader, opened.org_id, None)
        ).access
        pages = await _pages(url, token, held)
        print(f"{held:,} proposals, 50 a page\n")
        print("| page, ms | p50 | p95 | n | aim |\n|---|---|---|---|---|")
        took = await _in_turns(url, token, pages, times)
    for name, found in took.items():
        aim = _AIM if name.startswith(("first", "deep")) else ""
        print(f"| {name} | {median(found):.1f} | {p95(found):.1f} | {len(found)} | {aim} |")
    print(f"\n{busyness()}")


async def _pages(url: str, token: str, held: int) -> Mapping[str, str]:
    """What is asked for, by name. A cursor is taken where the page before it ended, deep in the list."""
    deep = held - held // 10
    headers = {"Authorization": f"Bearer {token}"}
    waiting = f"{LIST}?decision=pending"
    found = {"first": LIST, "first by risk": f"{LIST}?sort=-risk", "first that wait": waiting}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:
        for order, sort in (("", "-createdAt"), (" by risk", "-risk"), (" by amount", "-amount")):
            before = f"{LIST}?sort={sort}&offset={deep}"
            cursor = (await client.get(before)).raise_for_status().json()["nextCursor"]
            found[f"deep{order}, cursor"] = f"{LIST}?sort={sort}&cursor={cursor}"
    found[f"row {deep:,}, offset"] = f"{LIST}?offset={deep}"
    found["a word that is nowhere"] = f"{LIST}?q=xylophone"
    return found


async def _in_turns(
    url: str, token: str, pages: Mapping[str, str], times: int
) -> Mapping[str, list[float]]:
    """Milliseconds of each page from request to reply, taking turns; the first ten are not counted."""
    took: dict[str, list[float]] = {name: [] for name in pages}
    async with AsyncExitStack() as opened:
        lines = {
            name: await opened.enter_async_context(Line.to(url, token, path))
            for name, path in pages.items()
        }
        for turn in range(times + 10):
            for name, line in lines.items():
                began = time.perf_counter()
                status = await line.ask()
                if status != 200:
                    raise RuntimeError(f"{pages[name]} answered {status}")
                if turn >= 10:
                    took[name].append(1000 * (time.perf_counter() - began))
    return took


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=200, help="requests of each page")
    options = parser.parse_args()
    carry_out(main(options.rows, options.times))
