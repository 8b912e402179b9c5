"""What a kill has cost: counted at the outside system and in the database, never asked of the product."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.scene import Scene
from tests.waiting import eventually

_ONCE_EACH = (
    "proposal.created",
    "proposal.approved",
    "effect.claimed",
    "effect.dispatched",
    "effect.confirmed",
)


@dataclass(frozen=True)
class Verdict:
    """All zero and no complaints, or something is wrong."""

    effects_lost: int
    effects_duplicated: int
    decisions_lost: int
    decisions_duplicated: int
    complaints: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, doubled or left out."""
        return not any(vars(self).values())


async def judge(scene: Scene, invoices: int) -> Verdict:
    """The verdict on a scene whose runs have ended and in which everything was approved."""
    ledger = scene.ledger
    await _until_delivered(scene)
    proposals = {str(row["id"]) for row in await ledger.rows("SELECT id FROM proposal")}
    decided = Counter(
        str(row["proposal_id"])
        for row in await ledger.rows("SELECT proposal_id FROM decision WHERE kind = 'approve'")
    )
    effects = [str(row["id"]) for row in await ledger.rows("SELECT id FROM effect")]
    done = await scene.account.done()
    made = sum(min(done.by_key[effect], 1) for effect in effects)
    return Verdict(
        effects_lost=invoices - made,
        effects_duplicated=done.total - made,
        decisions_lost=len((scene.answered | proposals) - decided.keys()),
        decisions_duplicated=decided.total() - len(decided),
        complaints=[
            *await _about_states(scene, invoices),
            *await _about_audit(scene, invoices),
            *await _about_events(scene),
        ],
    )


async def _about_states(scene: Scene, invoices: int) -> list[str]:
    expected = {
        "SELECT decision || '/' || execution, count(*) FROM proposal GROUP BY 1": {
            "approved/executed": invoices
        },
        "SELECT state, count(*) FROM effect GROUP BY 1": {"confirmed": invoices},
        "SELECT state, count(*) FROM run GROUP BY 1": {"completed": invoices + 1},
        "SELECT count(outcome) || ' outcomes', 1 FROM run": {f"{invoices + 1} outcomes": 1},
    }
    complaints = []
    for query, right in expected.items():
        found = {row[0]: row[1] for row in await scene.ledger.rows(query)}
        if found != right:
            complaints.append(f"{query}: {found} and not {right}")
    return complaints


async def _about_audit(scene: Scene, invoices: int) -> list[str]:
    rows = await scene.ledger.rows("SELECT action, count(*) FROM audit_event GROUP BY 1")
    acts = {row[0]: row[1] for row in rows}
    right = {"run.requested": 1, **dict.fromkeys(_ONCE_EACH, invoices)}
    return [
        f"the audit has {act} {acts.get(act, 0)} times and not {times}"
        for act, times in right.items()
        if acts.get(act, 0) != times
    ]


async def _about_events(scene: Scene) -> list[str]:
    numbers = [row[0] for row in await scene.ledger.rows("SELECT seq FROM event ORDER BY seq")]
    last = await scene.ledger.value(
        "SELECT last_seq FROM event_counter WHERE org_id = $1", scene.ledger.org_id
    )
    return (
        []
        if numbers == list(range(1, len(numbers) + 1)) and last == len(numbers)
        else [f"the events have gaps: {numbers}, counted to {last}"]
    )


async def _until_delivered(scene: Scene) -> None:
    async def look() -> bool:
        return await scene.ledger.undelivered() == 0

    await eventually(look, "every wake-up is delivered", seconds=60)
