"""How soon a worker serves, how soon it ends when it is told to, and what it needs while it has nothing to do.

Usage: ``python -m benchmarks.worker_start [--times 5]``. Starts database and engine of its own in a temporary folder.
"""

import argparse
import asyncio
import time
from pathlib import Path
from statistics import median

import psutil

from benchmarks.lab import lab
from benchmarks.report import busyness, carry_out, heading
from tests.worker import WorkerProcess

_MODELS = {
    "offline rules": {},
    "openai": {"COUNTERSIGN_MODEL": "openai:gpt-5.6-sol", "COUNTERSIGN_MODEL_API_KEY": "sk"},
    "anthropic": {
        "COUNTERSIGN_MODEL": "anthropic:claude-sonnet-4-5",
        "COUNTERSIGN_MODEL_API_KEY": "sk",
    },
}
_IDLE = 3  # seconds after which its memory is read


async def main(times: int) -> None:
    """Start and end a worker again and again; print one row per configured model."""
    print(heading())
    print("\n| model | started → serving, s | idle memory (RSS), MB | SIGTERM → ended, s |")
    print("|---|---|---|---|")
    async with lab() as (_, own):
        log = Path(own["COUNTERSIGN_STATE_DIR"]) / "worker.log"
        for name, model in _MODELS.items():
            measured = [await once({**own, **model}, log) for _ in range(times)]
            served, memory, ended = zip(*measured, strict=True)
            print(
                f"| {name} | {median(served):.1f} (at most {max(served):.1f}) "
                f"| {median(memory):.0f} | {median(ended):.1f} |"
            )
    print(f"\nmedian of {times}; {busyness()}")


async def once(own: dict[str, str], log: Path) -> tuple[float, float, float]:
    """Seconds until it served, its megabytes at rest, seconds until it had ended."""
    worker = WorkerProcess(own, log)
    served = await worker.start()
    await asyncio.sleep(_IDLE)
    memory = psutil.Process(worker.pid).memory_info().rss / 1_000_000
    told = time.monotonic()
    worker.stop()
    return served, memory, time.monotonic() - told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="starts per model")
    options = parser.parse_args()
    carry_out(main(options.times))
