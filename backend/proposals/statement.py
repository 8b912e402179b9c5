"""The one place that builds a proposal's English sentence and its parts, from the sealed arguments alone."""

from dataclasses import dataclass

from backend.connectors.actions import Words
from backend.core.money import Money


@dataclass(frozen=True, slots=True)
class Statement:
    """The sentence and its parts. ``done`` is the past tense, ``button`` what approving is called."""

    text: str
    verb: str
    done: str
    button: str
    amount: Money | None
    record: str
    party: str


def state(words: Words, *, amount: Money | None, record: str, party: str) -> Statement:
    """Verb, amount, record, party, as in: Credit EUR 120.00 on invoice INV-1042 for Brindlemoor GmbH."""
    money = f" {amount.text()}" if amount else ""
    return Statement(
        text=f"{words.verb}{money} {words.join} {record} for {party}",
        verb=words.verb,
        done=words.done,
        button=words.button,
        amount=amount,
        record=record,
        party=party,
    )
