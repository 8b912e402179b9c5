"""The product loses its processes at the worst moments: nothing is lost, nothing happens twice, all runs end."""

import pytest

from tests.chaos import moments
from tests.chaos.drill import Drill, carry_out
from tests.chaos.victims import Target, Victims
from tests.stack import Stack

# In an order in which no process dies too often within a minute: the supervisor would rightly give up.
DRILLS = [
    Drill(moments.syncing, (Target.WORKER,)),
    Drill(moments.deciding, (Target.WEB,)),
    Drill(moments.waiting, (Target.TEMPORAL,)),
    Drill(moments.claimed, (Target.POSTGRES,)),
    Drill(moments.unread, (Target.STRIPE,)),
    Drill(moments.unread, (Target.WORKER,)),
    Drill(moments.decided, (Target.WEB,)),
    Drill(moments.waiting, (Target.SUPERVISOR,)),
    Drill(moments.unstored, (Target.WORKER,)),
    Drill(moments.verifying, (Target.TEMPORAL,)),
    Drill(moments.deciding, (Target.POSTGRES,)),
    Drill(moments.relaying, (Target.WORKER,)),
    Drill(moments.editing, (Target.WEB,)),
    Drill(moments.asking, (Target.WORKER,)),
    Drill(moments.sending, (Target.WORKER, Target.WEB)),
]


@pytest.mark.parametrize("drill", DRILLS, ids=[drill.name for drill in DRILLS])
async def test_kill_when_it_hurts_most_then_nothing_is_lost_or_done_twice(
    drill: Drill, stack: Stack, victims: Victims
) -> None:
    outcome = await carry_out(drill, stack, victims)
    assert outcome.verdict.passed, outcome.verdict
