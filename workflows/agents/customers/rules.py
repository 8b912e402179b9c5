"""What the offline model of this agent reads and by which rules it answers."""

from collections.abc import Iterator

from pydantic import TypeAdapter

from workflows.agents.customers.facts import Comparison, CustomerFacts
from workflows.agents.customers.judgement import PLAN, Pair, answers
from workflows.agents.customers.models import TOOL_NAMES, Answer
from workflows.agents.offline import OfflineRules, Told


def _answers(told: Told, refusals: tuple[str, ...]) -> Iterator[Answer]:
    return answers(
        Pair(
            survivor=told["surviving_customer"],
            duplicate=told["duplicate_customer"],
            comparison=told["comparison"],
            refusals=refusals,
        )
    )


RULES = OfflineRules(
    plan=PLAN,
    tools={
        "surviving_customer": TypeAdapter(CustomerFacts),
        "duplicate_customer": TypeAdapter(CustomerFacts),
        "comparison": TypeAdapter(Comparison),
    },
    tool_names=TOOL_NAMES,
    answers=_answers,
)
