"""How quickly the main loop answers on a running stack: start of a run, and decision to outside effect.

Usage: ``python -m benchmarks.loop [decisions]`` beside a running ``make up``. Approves that many waiting reminders,
one after the other, and follows them on the change stream as a client does. Prints milliseconds: p50, p95, worst.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from statistics import quantiles
from typing import Any

import httpx

from backend.core.settings import process_environment
from backend.embedded import demo_file, launch
from backend.embedded.demo_api import DemoApi
from backend.playbooks import overdue_invoices

RUNS = 10


async def main(decisions: int) -> None:
    """Measure both and print a line for each."""
    demo = demo_file.read(launch.load(process_environment()).demo)
    analyst, approver = demo.users[0], demo.users[1]
    async with httpx.AsyncClient(base_url=demo.api_url, timeout=60) as http:
        asking = await DemoApi.log_in(http, analyst.email, analyst.password)
        signing = await DemoApi.log_in(http, approver.email, approver.password)
        report("run requested -> running", await run_starts(asking))
        claimed, executed = await effects(http, signing, decisions)
        report("decision answered -> run resumed (effect claimed)", claimed)
        report("decision answered -> confirmed by Stripe", executed)


async def run_starts(api: DemoApi) -> list[float]:
    """Milliseconds from the answer to a request until the run is running; runs that look at one invoice."""
    took = []
    for _ in range(RUNS):
        run = await api.run_playbook(overdue_invoices.SLUG, {"maxInvoices": 1})
        began = time.perf_counter()
        while (await api.get(f"/runs/{run}"))["state"] == "queued":
            pass
        took.append(1000 * (time.perf_counter() - began))
        await api.first_proposals(run, at_least=sys.maxsize)  # that is, until it has ended
    return took


async def effects(
    http: httpx.AsyncClient, api: DemoApi, decisions: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from the answer to an approval until the stream tells of the claim and of the confirmation."""
    page = await api.get("/proposals", decision="pending", limit=200)
    waiting = [row for row in page["items"] if row["yourTurn"] and row["requiredSignatures"] == 1]
    claimed, executed = [], []
    async with stream(http, api) as events:
        for row in waiting[:decisions]:
            card = await api.get(f"/proposals/{row['id']}")
            given = {"kind": "approve", "digest": card["digest"]}
            await api.post(f"/proposals/{row['id']}/decisions", given)
            began = time.perf_counter()
            claimed.append(await until(events, row["id"], {"executing", "executed"}, began))
            executed.append(await until(events, row["id"], {"executed"}, began))
    return claimed, executed


@contextlib.asynccontextmanager
async def stream(
    http: httpx.AsyncClient, api: DemoApi
) -> AsyncIterator["asyncio.Queue[dict[str, Any]]"]:
    """The change stream of this person as a queue of proposals."""
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    headers = {"Authorization": f"Bearer {api.token}"}
    async with http.stream("GET", "/api/v1/events", headers=headers) as reply:

        async def read() -> None:
            async for line in reply.aiter_lines():
                if line.startswith("data:") and '"proposal"' in line:
                    heard.put_nowait(json.loads(line[5:]))

        reading = asyncio.create_task(read())
        yield heard
        reading.cancel()


async def until(
    heard: "asyncio.Queue[dict[str, Any]]", proposal: str, states: set[str], began: float
) -> float:
    """Milliseconds until the proposal is in one of the states; 0 when that was heard before the call."""
    async with asyncio.timeout(30):
        while True:
            change = (await heard.get())["proposal"]
            if change and change["id"] == proposal and change["execution"] in states:
                if change["execution"] == "executed":
                    heard.put_nowait({"proposal": change})
                return 1000 * (time.perf_counter() - began)


def report(what: str, took: list[float]) -> None:
    """One line: count, p50, p95, worst."""
    if len(took) < 2:
        print(f"{what}: nothing to measure")
        return
    cuts = quantiles(took, n=20)
    print(
        f"{what}: n={len(took)} p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms, worst {max(took):.0f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
