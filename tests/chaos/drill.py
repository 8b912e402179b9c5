"""One drill: a scene is brought to a moment, processes are killed, the product goes on alone, and all is counted."""

import asyncio
import time
from dataclasses import dataclass

from tests.chaos import moments
from tests.chaos.moments import Moment
from tests.chaos.scene import Scene, scene
from tests.chaos.verdict import Verdict, judge
from tests.chaos.victims import Target, Victims
from tests.stack import Stack
from tests.waiting import eventually

_SEVERAL = 3  # invoices, where chance may hit any of them


@dataclass(frozen=True)
class Drill:
    """Which processes die at which moment."""

    moment: Moment
    targets: tuple[Target, ...]

    @property
    def name(self) -> str:
        """Such as ``worker+web at sending``."""
        return f"{'+'.join(self.targets)} at {self.moment.__name__}"


@dataclass(frozen=True)
class Outcome:
    """``recovery``: seconds from the kill to the next step that a run took; None when all had ended before."""

    verdict: Verdict
    recovery: float | None


async def carry_out(drill: Drill, stack: Stack, victims: Victims) -> Outcome:
    """Kill, watch the product come back, judge."""
    await victims.complete()
    await victims.rested(drill.targets)
    invoices = _SEVERAL if drill.moment is moments.anytime else 1
    contested = drill.moment is moments.editing
    async with scene(stack, victims, invoices=invoices, contested=contested) as there:
        async with drill.moment(there):
            steps = await there.steps()
            victims.kill(drill.targets)
            killed = time.monotonic()
            watching = asyncio.create_task(_next_step(there, steps))
            if Target.SUPERVISOR in drill.targets:
                await asyncio.to_thread(stack.up)
            await moments.no_more_misfortune(there)
        try:
            await there.finish()
            # Chance may have hit when nothing was left to do.
            recovery = await watching - killed if await there.steps() > steps else None
        finally:
            watching.cancel()
        return Outcome(await judge(there, invoices), recovery)


async def _next_step(there: Scene, before: int) -> float:
    async def look() -> bool:
        return await there.steps() > before

    await eventually(look, "the next step of a run", seconds=120)
    return time.monotonic()
