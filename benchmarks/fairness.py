"""What one organization notices of another's crowd: from the request for a run to its proposal, idle and crowded.

Usage: ``python -m benchmarks.fairness [--rounds 3] [--times 10] [--model-seconds 1]``. Starts database, engine, outside
system and worker of its own in a temporary folder. Idle and crowded measurements take turns, so that both meet the same
machine. ``--model-seconds``: a model that takes so long to answer instead of the offline rules.
"""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from backend.connectors.installed import install
from backend.core import db
from backend.core.settings import load
from benchmarks.lab import lab, seed
from benchmarks.report import busyness, carry_out, heading, p95
from tests.conformance.simulator.process import Api
from tests.conformance.stripe.account import Account
from tests.crowd import Crowd, Single
from tests.definitions import quick
from tests.desk import Desk, open_desk
from tests.worker import WorkerProcess
from workflows.client import Workflows

_CROWDED_KEY = "sk_test_crowded"
_RUNS = 8


async def main(rounds: int, times: int, model_seconds: float) -> None:
    """Measure in turn and print the figures."""
    print(heading())
    idle: list[float] = []
    crowded: list[float] = []
    async with lab(model_seconds) as (simulator, own), opener(own) as opened:
        seed(simulator, _CROWDED_KEY)
        key = simulator.new_key()
        account = Account(Api(simulator, key))
        single = Single(await opened(key), account)
        for _ in range(rounds):
            await _milliseconds(single)  # what is left of the crowd before ends beside it
            idle += [await _milliseconds(single) for _ in range(times)]
            crowd = Crowd(await opened(_CROWDED_KEY))
            queued = await crowd.gather(_RUNS)
            for _ in range(times):
                took = await _milliseconds(single)
                if left := await crowd.left():
                    crowded.append(took)
            print(f"{queued} runs of the other organization, {left} left at the end")
            await crowd.disperse()
        account.api.close()
    print("\n| run asked for → proposed, ms | p50 | p95 | n |\n|---|---|---|---|")
    for name, found in (("idle", idle), ("beside a crowd", crowded)):
        print(f"| {name} | {median(found):.0f} | {p95(found):.0f} | {len(found)} |")
    ratio = f"{p95(crowded) / p95(idle):.1f}, of p50 {median(crowded) / median(idle):.1f}"
    print(f"\nratio of p95 {ratio}; {busyness()}")


async def _milliseconds(single: Single) -> float:
    asked, proposed = await single.run()
    return 1000 * (proposed - asked).total_seconds()


@asynccontextmanager
async def opener(own: Mapping[str, str]) -> AsyncIterator[Callable[[str], Awaitable[Desk]]]:
    """Opens organizations beside a running worker."""
    settings = load(own)
    database = db.connect(settings.database, pool_size=10)
    connectors, workflows = install(settings), Workflows(settings)
    worker = WorkerProcess(own, Path(own["COUNTERSIGN_STATE_DIR"]) / "worker.log")

    async def opened(secret: str) -> Desk:
        definition = quick(settings.model.name)
        return await open_desk(
            database, connectors, workflows, secret=secret, definition=definition
        )

    await worker.start()
    try:
        yield opened
    finally:
        worker.kill()
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns of idle and crowded")
    parser.add_argument("--times", type=int, default=10, help="measurements in each turn")
    parser.add_argument("--model-seconds", type=float, default=0, help="how long the model thinks")
    options = parser.parse_args()
    carry_out(main(options.rounds, options.times, options.model_seconds))
