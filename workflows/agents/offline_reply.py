"""How the offline rules answer a question: what the tools say about the words in it, and their judgement of today.

A person who names a smaller amount gets the proposal revised to it. Deterministic, as everything of the rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from workflows.agents.answers import Choice, Reply

_LESS = re.compile(r"(?i)\b(?:only|instead|lower|reduce\w*|less)\b[^\d]*(\d[\d,]*(?:\.\d+)?)")
_STEM = 5
_MOST_FACTS = 4


def answer_to(question: str, told: Mapping[str, Any], best: Choice) -> Reply | Choice:
    """The answer to a question, given what every tool has told and the best answer of the rules now."""
    if (smaller := _smaller(question, told, best)) is not None:
        return smaller
    facts = list(_facts_about(question, told))[:_MOST_FACTS]
    looked = f"I have read the records again: {'; '.join(facts)}. " if facts else ""
    return Reply(text=f"{looked}{best.reasoning}", evidence=best.evidence)


def _smaller(question: str, told: Mapping[str, Any], best: Choice) -> Choice | None:
    """The best answer with the smaller amount that the question names, in the major unit of the currency."""
    found = _LESS.search(question)
    amount = getattr(best, "amount", None)
    if found is None or not isinstance(amount, int) or "invoice" not in told:
        return None
    exponent = get_currency_precision(told["invoice"].currency)
    wanted = Decimal(found[1].replace(",", "")).scaleb(exponent)
    if wanted != wanted.to_integral_value() or not 0 < wanted < amount:
        return None
    reasoning = f"A person asked for {found[1]} instead. {best.reasoning}"
    return best.model_copy(update={"amount": int(wanted), "reasoning": reasoning})


def _facts_about(question: str, told: Mapping[str, Any]) -> Iterator[str]:
    asked = {word[:_STEM] for word in re.findall(r"[a-z]{4,}", question.lower())}
    for facts in told.values():
        for name, value in _flat(facts):
            if any(part[:_STEM] in asked for part in name.split("_") if len(part) >= _STEM - 1):
                yield f"{name.replace('_', ' ')} is {value}"


def _flat(facts: object) -> Iterator[tuple[str, object]]:
    if not is_dataclass(facts):
        return
    for field in fields(facts):
        value = getattr(facts, field.name)
        if isinstance(value, Mapping):
            yield from value.items()
        elif isinstance(value, str | int | float) or value is None:
            yield field.name, "not known" if value is None else value
