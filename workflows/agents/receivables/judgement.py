"""The offline rules in their order: which answers fit the facts, the best first. Pure."""

from collections.abc import Callable, Iterator

from workflows.agents.receivables import acting, waiting
from workflows.agents.receivables.models import Answer
from workflows.agents.receivables.wording import Facts

_RULES: tuple[Callable[[Facts], Answer | None], ...] = (
    waiting.closed,
    acting.duplicate,
    acting.contested,
    acting.lost,
    waiting.promised,
    waiting.paid_meanwhile,
    waiting.just_reminded,
    waiting.pays_anyway,
    waiting.unreachable,
    acting.remind,
    waiting.give_up,
)


def answers(facts: Facts) -> Iterator[Answer]:
    """Every answer that fits, the best first. The last is always to do nothing."""
    for rule in _RULES:
        answer = rule(facts)
        if answer is not None:
            yield waiting.unless_rejected(facts, answer)
