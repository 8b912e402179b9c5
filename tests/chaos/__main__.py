"""The long version, `make chaos`: every moment with every target, and chance. Continues where it was interrupted."""

import argparse
import asyncio
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.chaos import moments
from tests.chaos.drill import Drill, Outcome, carry_out
from tests.chaos.report import Line, table
from tests.chaos.verdict import Verdict
from tests.chaos.victims import Target, Victims
from tests.stack import ROOT, Stack, quiet_ports

_MOMENTS = (
    moments.syncing,
    moments.reading,
    moments.planning,
    moments.drafting,
    moments.verifying,
    moments.proposing,
    moments.waiting,
    moments.editing,
    moments.asking,
    moments.deciding,
    moments.decided,
    moments.relaying,
    moments.claimed,
    moments.sending,
    moments.sending_slowly,
    moments.unread,
    moments.unstored,
    moments.anytime,
)
_TARGETS = (
    (Target.WORKER,),
    (Target.WEB,),
    (Target.TEMPORAL,),
    (Target.POSTGRES,),
    (Target.STRIPE,),
    (Target.SUPERVISOR,),
    (Target.WORKER, Target.WEB),
    (Target.WORKER, Target.TEMPORAL),
    (Target.WORKER, Target.POSTGRES),
    (Target.TEMPORAL, Target.POSTGRES),
    (Target.WORKER, Target.STRIPE),
    (Target.SUPERVISOR, Target.WORKER),
)
_FOLDER = ROOT / ".countersign" / "chaos"


def drill(number: int) -> Drill:
    """The drill with this number; 216 in a row are every moment with every target."""
    turn, moment = divmod(number, len(_MOMENTS))
    return Drill(_MOMENTS[moment], _TARGETS[(turn + number) % len(_TARGETS)])


async def run(stack: Stack, results: Path, kills: int) -> None:
    """Carry out what is missing of so many drills; each result is kept at once."""
    victims = Victims(stack.state)
    done = {line.number for line in _read(results)}
    for number in sorted(set(range(kills)) - done):
        random.seed(number)
        one = drill(number)
        line = await _line(one, number, stack, victims)
        with results.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
        _say(f"{number + 1}/{kills} {one.name}: {line.error or 'survived'}, {line.recovery} s")


async def _line(one: Drill, number: int, stack: Stack, victims: Victims) -> Line:
    try:
        outcome, error = await carry_out(one, stack, victims), ""
    except AssertionError as broken:
        outcome, error = Outcome(Verdict(0, 0, 0, 0, ()), None), str(broken)
        await asyncio.to_thread(_begin_anew, stack)
    if not error and not outcome.verdict.passed:
        error = str(outcome.verdict)
    return Line(
        number=number,
        at=datetime.now(UTC),
        moment=one.moment.__name__,
        targets=list(one.targets),
        recovery=outcome.recovery and round(outcome.recovery, 2),
        verdict=outcome.verdict,
        error=error,
    )


def _begin_anew(stack: Stack) -> None:
    """A drill that broke, or a killed session, may have left a stack that does not stand."""
    stack.down()
    stack.up()


def _read(results: Path) -> list[Line]:
    lines = results.read_bytes().splitlines() if results.exists() else []
    return [msgspec.json.decode(line, type=Line) for line in lines]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """0 when every kill was survived."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=216)
    parser.add_argument("--results", type=Path, default=_FOLDER / "results.jsonl")
    options = parser.parse_args()
    state = _FOLDER / "stack"
    state.mkdir(parents=True, exist_ok=True)
    stack = Stack(state, quiet_ports())
    if len(_read(options.results)) < options.kills:
        _begin_anew(stack)
        try:
            asyncio.run(run(stack, options.results, options.kills))
        finally:
            stack.down()
    lines = _read(options.results)
    _say(table(lines))
    return int(any(line.error for line in lines))


if __name__ == "__main__":
    sys.exit(main())
