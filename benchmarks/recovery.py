"""How soon a run goes on whose worker was killed in the middle of a model call: from SIGKILL to the repeated call.

Usage: ``python -m benchmarks.recovery [--times 20]``. Once with a second worker that is already up, once with the only
worker started again at once, as the supervisor does. Everything else runs in a temporary folder.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from backend.connectors.installed import install
from backend.core import db
from backend.core.settings import load
from backend.runs.service import RunInputs
from benchmarks.lab import lab
from benchmarks.report import busyness, carry_out, heading, p95
from tests.conformance.simulator.process import Api
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.desk import Desk, open_desk
from tests.providers import Plan, Provider
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import Workflows

_MODEL = "openai:gpt-5.6-sol"
_OLDEST = 100  # days; each new invoice is overdue for longer, so that it is the one that the next run looks at


@dataclass(frozen=True)
class Stage:
    """An organization, the model that its runs ask, and the settings of its workers."""

    desk: Desk
    account: Account
    provider: Provider
    environ: Mapping[str, str]

    async def recovery(self, number: int, *, second_worker: bool) -> float:
        """Seconds from the kill to the repeated call; the run is seen to its end."""
        folder = Path(self.environ["COUNTERSIGN_STATE_DIR"])
        killed, other = (WorkerProcess(self.environ, folder / f"{name}.log") for name in "ab")
        await killed.start()
        hanging = Plan(hold=True)
        self.provider.plan(hanging)
        await asyncio.to_thread(self.account.overdue_invoice, days=_OLDEST + number)

        async def met() -> bool:
            return hanging.met.is_set()

        run_id = await self.desk.start(RunInputs(max_invoices=1))
        await eventually(met, "the first call")
        if second_worker:
            await other.start()
        known, at = len(self.provider.came), asyncio.get_running_loop().time()
        killed.kill()
        if not second_worker:
            await other.start()

        async def repeated() -> bool:
            return len(self.provider.came) > known

        await eventually(repeated, "the repeated call", seconds=120)
        hanging.release.set()
        await self.desk.finished(run_id)
        other.stop()
        return self.provider.came[known] - at


async def main(times: int) -> None:
    """Measure and print."""
    print(heading())
    print("\n| from SIGKILL to the next step, seconds | p50 | p95 | most | n |")
    print("|---|---|---|---|---|")
    async with lab() as (simulator, own):
        with Provider().running() as provider:
            environ = {
                **own,
                "COUNTERSIGN_MODEL": _MODEL,
                "COUNTERSIGN_MODEL_API_KEY": "sk-benchmark",
                "COUNTERSIGN_MODEL_BASE_URL": f"{provider.url}/v1",
            }
            settings = load(environ)
            database = db.connect(settings.database)
            account = Account(Api(simulator, simulator.new_key()))
            desk = await open_desk(
                database,
                install(settings),
                Workflows(settings),
                secret=account.api.key,
                definition=quick(_MODEL),
            )
            stage = Stage(desk, account, provider, environ)
            for turn, name in enumerate(
                ("the only worker, started again", "a second worker is up")
            ):
                found = [
                    await stage.recovery(turn * times + one, second_worker=bool(turn))
                    for one in range(times)
                ]
                print(_row(name, found))
            await database.close()
            account.api.close()
    print(f"\n{busyness()}")


def _row(name: str, found: Sequence[float]) -> str:
    return f"| {name} | {median(found):.2f} | {p95(found):.2f} | {max(found):.2f} | {len(found)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="kills of each way")
    options = parser.parse_args()
    carry_out(main(options.times))
