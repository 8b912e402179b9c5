"""How quick the pages are, in a real browser beside a running `make up`, at 100,000 proposals, against their aims.

Usage: ``python -m benchmarks.ui [--rows 100000] [--rounds 20] [--seconds 60] [--clients 100]``. The rows lie in an
organization of their own, "bench-ui", which stays. It approves waiting proposals of the demo.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from time import monotonic

from playwright.async_api import Browser

from backend.core.settings import process_environment
from backend.embedded import launch
from benchmarks.browsing import Reader, chromium
from benchmarks.ledger import Ledger, ledger
from benchmarks.report import busyness, carry_out, heading, p95
from benchmarks.scripts import print_scripts
from tests.cable import Cable
from tests.stack import Stack

RATE = 50  # changes a second


async def main(rows: int, rounds: int, seconds: int, clients: int) -> None:
    """Measure and print."""
    stack = Stack(launch.load(process_environment()).demo.parent)
    url = stack.demo.web_url
    print(f"{heading()}\n", flush=True)
    async with ledger(stack, rows) as opened, chromium() as browser:
        print(f"{await opened.count():,} proposals\n")
        print("| milliseconds | p50 | p95 | n | aim |\n|---|---|---|---|---|", flush=True)
        await print_reading(browser, url, opened, rounds)
        await print_signing(browser, stack, min(rounds, 10))
        await print_changes(browser, url, opened, rounds, 1)
        async with listeners(url, await opened.cookie(), clients - 1):
            await print_changes(browser, url, opened, rounds, clients)
        await print_storm(browser, url, opened, seconds)
        await print_scripts(browser, url, await opened.cookie())
    print(f"\n{busyness()}")


async def print_reading(browser: Browser, url: str, opened: Ledger, rounds: int) -> None:
    """First rows, cards and the cursor."""
    reader = await Reader.sit_down(browser, url, await opened.cookie())
    await reader.load()  # the cold one
    row("first rows, warm", [await reader.load() for _ in range(rounds)], "p95 < 1500")
    cards = [await reader.open_card(one) for one in (await reader.visible())[:rounds]]
    row("click → the card's frame", [frame for frame, _ in cards], "p95 < 150")
    row("click → the whole card", [whole for _, whole in cards])
    await reader.key("j", "cursor")
    keys = [await reader.key("j" if i % 4 else "k", "cursor") for i in range(3 * rounds)]
    row("key in the grid → paint", keys, "p95 < 50")
    await reader.leave()


async def print_signing(browser: Browser, stack: Stack, rounds: int) -> None:
    """A in the card of a waiting proposal of the demo."""
    paul = next(user for user in stack.demo.users if user.email.startswith("paul@"))
    found: list[float] = []
    reader = await Reader.sit_down(browser, stack.demo.web_url, "")
    page = reader.page
    await page.goto(f"{stack.demo.web_url}/login")
    await page.locator("#email").fill(paul.email)
    await page.locator("#password").fill(paul.password)
    await page.locator("#login").click()
    await page.locator(".ag-row .cs-state").first.wait_for()
    rows = await page.evaluate(
        "async (n) => (await (await fetch('/api/v1/proposals?decision=pending&limit=200')).json())"
        ".items.filter((r) => r.yourTurn).slice(0, n).map((r) => r.id)",
        rounds + 1,
    )
    for proposal in rows:
        await page.goto(f"{stack.demo.web_url}/proposals/{proposal}")
        await page.locator("#approve:enabled").wait_for()
        await page.evaluate("() => new Promise(requestIdleCallback)")  # nobody reads it sooner
        found.append(await reader.key("a", "signing"))
    await reader.leave()
    row("key in the card → visible answer, warm", found[1:], "p95 < 100")


async def print_changes(
    browser: Browser, url: str, opened: Ledger, rounds: int, clients: int
) -> None:
    """Single changes of rows on the screen."""
    reader = await Reader.sit_down(browser, url, await opened.cookie())
    await reader.load()
    on_screen = (await reader.visible())[:12]
    took = [await reader.change(opened, on_screen[i % len(on_screen)]) for i in range(2 * rounds)]
    await reader.leave()
    aim = f"p95 < {150 if clients == 1 else 300}"
    row(f"database change → DOM, {clients} client{'s' * (clients > 1)}", took, aim)


async def print_storm(browser: Browser, url: str, opened: Ledger, seconds: int) -> None:
    """Many changes a second while the connection is cut three times."""
    with Cable() as cable:
        reader = await Reader.sit_down(browser, url, await opened.cookie(), cable)
        await reader.load()
        for _ in range(12):
            await reader.page.keyboard.press("j")
        rows = await opened.newest(400)
        before, long_before = await reader.place(), len(await reader.note("long"))
        await opened.change(rows[0], 1)
        began, sent = monotonic(), 0
        cuts = [began + seconds * part / 4 for part in (1, 2, 3)]
        free = asyncio.Semaphore(8)  # a database that is behind is not buried
        async with asyncio.TaskGroup() as under_way:
            while (now := monotonic()) < began + seconds:
                if cuts and now > cuts[0]:
                    cuts.pop(0)
                    await asyncio.to_thread(cable.drop)
                one, risk = random.choice(rows), random.randint(0, 100)  # noqa: S311 - made up
                await free.acquire()
                under_way.create_task(opened.change(one, risk)).add_done_callback(
                    lambda _: free.release()
                )
                sent += 1
                await asyncio.sleep(max(0, began + sent / RATE - monotonic()))
        took = monotonic() - began
        await asyncio.sleep(
            5
        )  # the last connection was cut long ago; this is for what is under way
        heard: list[int] = await reader.note("ids")
        long: Sequence[tuple[float, float]] = (await reader.note("long"))[long_before:]
        after = await reader.place()
        await reader.leave()
    missed = set(range(min(heard), max(heard) + 1)) - set(heard)
    share = sum(duration for _, duration in long) / (10 * took)
    print(
        f"\n{sent} changes in {took:.0f} s ({sent / took:.0f}/s), connection cut 3 times: {len(heard)} heard, "
        f"{len(missed)} missed, {len(heard) - len(set(heard))} twice, {heard.count(-1)} resets; "
        f"scroll, cursor and selection {'as before' if before == after else f'changed: {before} → {after}'}; "
        f"long tasks {share:.1f} % of the time (aim < 5 %)"
    )


@asynccontextmanager
async def listeners(url: str, cookie: str, count: int) -> AsyncIterator[None]:
    """So many more clients, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.listeners", url, str(count)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    process.stdin.write(f"{cookie}\n".encode())
    if await process.stdout.readline() != b"ready\n":
        raise ConnectionError("the listeners could not connect")
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def row(what: str, found: Sequence[float], aim: str = "") -> None:
    """One line of the table."""
    print(f"| {what} | {median(found):.0f} | {p95(found):.0f} | {len(found)} | {aim} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60, help="how long rows change all the time")
    parser.add_argument("--clients", type=int, default=100)
    options = parser.parse_args()
    carry_out(main(options.rows, options.rounds, options.seconds, options.clients))
