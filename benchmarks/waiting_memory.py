"""What runs that wait for a decision cost in memory: in a worker that keeps them cached, and in the engine.

Usage: ``python -m benchmarks.waiting_memory [--organizations 38]``. Starts database, engine, outside system and worker
of its own in a temporary folder. Every organization has an account of 400 invoices, and the run over it leaves some 27
proposals undecided. The first one warms everything up; what the others add is reported per 1,000 runs that wait.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping

import psutil

from benchmarks.fairness import opener
from benchmarks.lab import lab, seed
from benchmarks.report import busyness, carry_out, heading
from tests.conformance.simulator.process import SimulatorProcess
from tests.desk import Desk

_SETTLE = 30  # seconds after the last proposal, in which engine and worker write what they have
_PATIENCE = 300


async def main(organizations: int) -> None:
    """Leave the runs waiting and print what each process has grown by."""
    print(heading())
    async with lab() as (simulator, own), opener(own) as opened:
        await waiting(simulator, opened)
        await asyncio.sleep(_SETTLE)
        before = memory()
        left = sum([await waiting(simulator, opened) for _ in range(organizations)])
        await asyncio.sleep(_SETTLE)
        after = memory()
    print(f"\n| {left} runs wait | before, MB | after, MB | per 1,000, MB |\n|---|---|---|---|")
    for name, had in before.items():
        more = 1_000 * (after[name] - had) / left
        print(f"| {name} | {had:.0f} | {after[name]:.0f} | {more:.0f} |")
    print(f"\n{busyness()}")


async def waiting(simulator: SimulatorProcess, opened: Callable[[str], Awaitable[Desk]]) -> int:
    """A new organization's run over its account; how many of its runs have proposed and wait for a decision."""
    key = simulator.new_key()
    await asyncio.to_thread(seed, simulator, key)
    desk = await opened(key)
    ended = await desk.finished(await desk.start(), seconds=_PATIENCE)
    return ended.counts.proposed


def memory() -> Mapping[str, float]:
    """Megabytes (RSS) of the worker and of the engine, which this process has started."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        command = process.cmdline()
        for name, sign in (("worker", "workflows.worker"), ("engine", "start-dev")):
            if sign in command:
                found[name] = process.memory_info().rss / 1_000_000
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=38, help="accounts after the first")
    carry_out(main(parser.parse_args().organizations))
