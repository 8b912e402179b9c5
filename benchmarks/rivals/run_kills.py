"""SIGKILL at the same three points for Countersign, DBOS and LangGraph; the outside system counts the effects.

Usage: ``python -m benchmarks.rivals.run_kills [--kills 10] [--only dbos]`` after
``uv sync --locked --project benchmarks/rivals``. Each kill is a run of its own: propose, approve, die, start again.
"""

import argparse
import asyncio
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from statistics import median

from backend.core.db import connect
from backend.core.settings import load
from benchmarks.report import busyness, carry_out
from benchmarks.rivals.contestants import Contestant, RivalProgram
from benchmarks.rivals.countersign import Countersign
from benchmarks.rivals.servers import Servers, running_servers
from benchmarks.rivals.vendor import Hold, Vendor
from tests.conformance.simulator.process import Api
from tests.conformance.stripe.account import Account
from tests.waiting import eventually

_ASKED_WITHIN = 30.0
_HEADER = (
    "| contestant | vendor | killed | effects 0 / 1 / 2+ | resumed by itself | when asked | median s |\n"
    "|---|---|---|---|---|---|---|"
)


class Point(StrEnum):
    """Where a run is killed."""

    BEFORE = "before dispatch: the request has not reached the vendor"
    AFTER = "after dispatch: the vendor has acted, the reply is not read"
    WAITING = "while it waits for the person"


_HOLDS = {Point.BEFORE: Hold.BEFORE, Point.AFTER: Hold.AFTER}


class Entry(StrEnum):
    """Who takes part. *Looking first* is a check of the outside system written by hand into the rival's step."""

    COUNTERSIGN = "countersign"
    DBOS = "dbos"
    LANGGRAPH = "langgraph"
    DBOS_LOOKING = "dbos, looking first"
    LANGGRAPH_LOOKING = "langgraph, looking first"

    @property
    def rival(self) -> str:
        """The library's name."""
        return self.value.partition(",")[0]

    @property
    def looks_first(self) -> bool:
        """Whether the check by hand is on."""
        return "," in self.value


@dataclass(frozen=True)
class Kill:
    """One kill. ``seconds`` from the kill to the run's end, without the time in which it was not asked to resume."""

    account: Account
    invoice: str
    alone: bool
    finished: bool
    seconds: float

    @property
    def effects(self) -> int:
        """Credit notes that really exist."""
        return len(self.account.credit_notes(self.invoice))


async def main(kills: int, only: str) -> None:
    """Run everything and print the table, row by row."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {kills} kills per row, {busyness()}\n\n{_HEADER}"
    )
    began = time.monotonic()
    async with running_servers() as servers:
        for entry in Entry:
            if only in ("", entry.rival, entry.value):
                if not entry.looks_first:
                    await rows(servers, entry, kills, honours_keys=True)
                await rows(servers, entry, kills, honours_keys=False)
    print(f"\nTook {time.monotonic() - began:.0f} s, {busyness()}")


async def rows(servers: Servers, entry: Entry, kills: int, *, honours_keys: bool) -> None:
    """The three rows of one entry before one vendor; counted last, so that nothing late is missed."""
    async with AsyncExitStack() as stack:
        vendor = Vendor(servers.simulator.url, honours_keys=honours_keys)
        await stack.enter_async_context(vendor.running())
        contestant = await enter(servers, entry, vendor, stack)
        stack.push_async_callback(contestant.kill)
        await contestant.start()
        seen = {point: await kill_at(point, contestant, vendor, kills) for point in Point}
        kind = "honours keys" if honours_keys else "ignores keys"
        for point, made in seen.items():
            print(f"| {entry} | {kind} | {point} | {summary(made)} |", flush=True)


async def enter(
    servers: Servers, entry: Entry, vendor: Vendor, stack: AsyncExitStack
) -> Contestant:
    """The contestant, not started yet."""
    log = servers.folder / f"{entry.rival}.log"
    if entry is Entry.COUNTERSIGN:
        environ = servers.product_settings()
        database = connect(load(environ).database, pool_size=5)
        stack.push_async_callback(database.close)
        return Countersign(environ, database, servers.simulator, base=vendor.url, log=log)
    return RivalProgram(
        entry.rival,
        Account(Api(servers.simulator, servers.simulator.new_key())),
        database=await servers.database(entry.rival),
        base=vendor.url,
        look_first=entry.looks_first,
        log=log,
    )


async def kill_at(point: Point, contestant: Contestant, vendor: Vendor, kills: int) -> list[Kill]:
    """So many runs, each killed there once."""
    return [await kill_once(point, contestant, vendor) for _ in range(kills)]


async def kill_once(point: Point, contestant: Contestant, vendor: Vendor) -> Kill:
    """One run that is killed there; returns when it has ended or will not."""
    account, invoice, run = await contestant.propose()
    if point is not Point.WAITING:
        held = vendor.hold(_HOLDS[point])
        await contestant.approve(run)
        async with asyncio.timeout(60):
            await held.wait()
    began = time.monotonic()
    await contestant.kill()
    await contestant.start()
    if point is Point.WAITING:
        await contestant.approve(run)
    alone = await ended(contestant, run, contestant.patience)
    if not alone:
        began += contestant.patience
        await contestant.ask_to_resume(run)
    finished = alone or await ended(contestant, run, _ASKED_WITHIN)
    return Kill(account, invoice, alone, finished, time.monotonic() - began)


async def ended(contestant: Contestant, run: str, seconds: float) -> bool:
    """Whether the run says within this time that it is done."""

    async def look() -> bool:
        return await contestant.done(run)

    try:
        return await eventually(look, run, seconds=seconds)
    except AssertionError:
        return False


def summary(made: list[Kill]) -> str:
    """The figures of one row."""
    effects = Counter(min(kill.effects, 2) for kill in made)
    counts = " / ".join(str(effects[number]) for number in range(3))
    asked = [kill for kill in made if not kill.alone]
    answered = f"{sum(kill.finished for kill in asked)} of {len(asked)}" if asked else "-"
    took = median(kill.seconds for kill in made)
    return f"{counts} | {len(made) - len(asked)} of {len(made)} | {answered} | {took:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--only", default="", help="one contestant, as the table names it")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers are ended, too
    carry_out(main(given.kills, given.only))
