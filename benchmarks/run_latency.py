"""How quickly the main loop answers on a running stack, beside the bare floor of the same engine in the same run.

Usage: ``python -m benchmarks.run_latency [--rounds 20]`` beside a running ``make up``. It approves waiting proposals of
the demo: afterwards they are carried out. Every moment is read from the engine's history or from the API's answer.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from statistics import median
from typing import TypeVar

import httpx
import psutil
from temporalio.client import Client

from backend.core.settings import process_environment
from backend.embedded import demo_file, launch
from backend.embedded.demo_api import DemoApi
from backend.embedded.demo_file import DemoFile
from backend.embedded.temporal import NAMESPACE
from benchmarks.floor import Floor, Turn
from benchmarks.product import Decided, Patient, Product
from benchmarks.report import busyness, carry_out, heading, p95

PARALLEL = 20
WAITING = 1_000
T = TypeVar("T")


async def main(rounds: int) -> None:
    """Measure, floor and product in turn, and print the tables."""
    demo = demo_file.read(launch.load(process_environment()).demo)
    client = await Client.connect(demo.temporal_address, namespace=NAMESPACE)
    print(f"{heading()}\n")
    patient = Patient()
    async with httpx.AsyncClient(base_url=demo.api_url, timeout=60, transport=patient) as http:
        asking = await DemoApi.log_in(http, demo.users[0].email, demo.users[0].password)
        signing = await DemoApi.log_in(http, demo.users[1].email, demo.users[1].password)
        await measure(demo, Floor(client), Product(client, asking, signing), rounds)
    print(f"\n{busyness()}; the API asked {patient.refused} times to wait")


async def measure(demo: DemoFile, floor: Floor, product: Product, rounds: int) -> None:
    """Everything in one go; the rows appear at the end of each part."""
    processes = {name: psutil.Process(demo.pids[name]) for name in ("worker", "temporal")}
    before = _memory(processes)
    whole = await product.whole_account()
    grown = {name: _memory(processes)[name] - before[name] for name in processes}
    print("| milliseconds, p50 / p95 | at a time | bare engine | Countersign | ratio of p50 |")
    print("|---|---|---|---|---|", flush=True)
    for parallel, times in ((1, rounds), (PARALLEL, max(2, rounds // 10))):
        async with floor.worker():
            bare = await floor.turns(times, parallel)
        print_rows(parallel, bare, await product.starts(times, parallel), [])
        print_rows(parallel, bare, [], await product.decisions(times, parallel))
    took = _seconds(whole["createdAt"], whole["finishedAt"])
    counts = whole["counts"]
    async with floor.worker():
        each = await floor.per_second(400, PARALLEL)
    print(f"\nWorkflows a second, {PARALLEL} at a time, bare: {each:.0f}")
    print(
        f"Agent runs a second (sync of the account included): {counts['candidates'] / took:.1f} "
        f"({counts['candidates']} invoices in {took:.0f} s, {counts['proposed']} proposals)"
    )
    for name, bytes_more in grown.items():
        print(f"{name}: {_mb(bytes_more)} more after that run, {counts['proposed']} runs waiting")
    await waiting_memory(floor, processes["temporal"])


def print_rows(
    parallel: int, bare: Sequence[Turn], starts: Sequence[float], decided: Sequence[Decided]
) -> None:
    """The rows of one part; without a counterpart in the floor the columns stay empty."""

    def row(what: str, ours: Sequence[float], floor: Sequence[float] | None) -> None:
        bare_cell, ratio = "", ""
        if floor:
            bare_cell, ratio = _cell(floor), f"{median(ours) / median(floor):.1f}"
        print(f"| {what} | {parallel} | {bare_cell} | {_cell(ours)} | {ratio} |", flush=True)

    first, resumed = _each(bare, lambda one: one.first_step), _each(bare, lambda one: one.resumed)
    if starts:
        row("run asked for → first step began", starts, first)
    if decided:
        row("decision sent → answered", _each(decided, lambda one: one.answered), None)
        row(
            "decision recorded → run resumed", _each(decided, lambda d: d.recorded_resumed), resumed
        )
        row("decision sent → run resumed", _each(decided, lambda one: one.resumed), resumed)
        row("decision sent → effect claimed", _each(decided, lambda one: one.claimed), None)
        confirmed = _each(bare, lambda one: one.confirmed)
        row("decision sent → effect confirmed", _each(decided, lambda d: d.confirmed), confirmed)


async def waiting_memory(floor: Floor, server: psutil.Process) -> None:
    """What waiting workflows cost the server and a worker that keeps them all in its cache."""
    own = psutil.Process()
    async with floor.worker():
        before = server.memory_info().rss, own.memory_info().rss
        waiting = await floor.leave_waiting(WAITING)
        after = server.memory_info().rss, own.memory_info().rss
        for handle in waiting:
            await handle.terminate()
    print(
        f"{WAITING} bare workflows that wait: server {_mb(after[0] - before[0])} more, "
        f"a worker that caches them all {_mb(after[1] - before[1])} more"
    )


def _each(measured: Sequence[T], take: Callable[[T], float]) -> list[float]:
    return [take(one) for one in measured]


def _cell(milliseconds: Sequence[float]) -> str:
    return f"{median(milliseconds):.0f} / {p95(milliseconds):.0f}"


def _memory(processes: dict[str, psutil.Process]) -> dict[str, int]:
    return {name: process.memory_info().rss for name, process in processes.items()}


def _seconds(began: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()


def _mb(number: int) -> str:
    return f"{number / 1_000_000:.0f} MB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="measurements one after the other")
    carry_out(main(parser.parse_args().rounds))
