"""The offline rules: whether the two customers are one, and what the surviving one lacks. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from workflows.agents.answers import Evidence
from workflows.agents.customers.facts import Comparison, CustomerFacts
from workflows.agents.customers.models import Address, Answer, MergeDetails, Nothing

PLAN = [
    "Read both customers as they are now, and how alike they are.",
    "Look for what speaks against it: other names, tax numbers or cities.",
    "Fill what the surviving customer lacks from the duplicate, and link the two.",
]
_REJECTION_HOLDS = 90
_WORDS = {"email": "e-mail", "phone": "phone", "billing_address": "billing address"}


@dataclass(frozen=True)
class Pair:
    """Everything that the tools have told."""

    survivor: CustomerFacts
    duplicate: CustomerFacts
    comparison: Comparison
    refusals: tuple[str, ...] = ()


def answers(pair: Pair) -> Iterator[Answer]:
    """Every answer that fits, the best first. The last is always to do nothing."""
    for rule in (_linked, _against, _too_little, _rejected, _merge, _give_up):
        answer = rule(pair)
        if answer is not None:
            yield answer


def _linked(pair: Pair) -> Answer | None:
    if not pair.comparison.is_linked:
        return None
    return _nothing(
        pair, "the two are linked already", f"{_both(pair)} are linked as duplicates already.", 0.99
    )


def _against(pair: Pair) -> Answer | None:
    if not pair.comparison.against:
        return None
    why = _listed(pair.comparison.against)
    shared = _listed(pair.comparison.reasons)
    return _nothing(
        pair,
        pair.comparison.against[0],
        f"{_both(pair)} share {shared}. But {why}. They are kept apart for a reason.",
        0.9,
    )


def _too_little(pair: Pair) -> Answer | None:
    if pair.comparison.is_likely:
        return None
    shared = _listed(pair.comparison.reasons) or "nothing that tells"
    return _nothing(
        pair,
        "they share too little",
        f"{_both(pair)} share {shared}: {pair.comparison.score} of 100 points. "
        "That is not enough to take them for one customer.",
        0.8,
    )


def _rejected(pair: Pair) -> Answer | None:
    last = next(iter(pair.comparison.refusals), None)
    if last is None or last.days_ago >= _REJECTION_HOLDS:
        return None
    days = "1 day" if last.days_ago == 1 else f"{last.days_ago} days"
    return _nothing(
        pair,
        f"{last.by} rejected this {days} ago",
        f'{last.by} rejected merging {_both(pair)} {days} ago: "{last.reason}"',
        0.95,
    )


def _merge(pair: Pair) -> Answer | None:
    missing, duplicate = pair.comparison.missing, pair.duplicate
    filled = _listed([_WORDS[name] for name in missing])
    gain = f"Its {filled} would be filled from the duplicate" if missing else "Nothing is missing"
    address = duplicate.billing_address
    return MergeDetails(
        plan=PLAN,
        summary=f"the same customer twice: {pair.comparison.reasons[0]}",
        reasoning=(
            f"{_both(pair)} share {_listed(pair.comparison.reasons)}: {pair.comparison.score} of 100 points, and "
            f"nothing speaks against it. {pair.survivor.name} ({pair.survivor.record_id}) survives, "
            f"{_why(pair)}. {gain}, and the two are linked; invoices stay where they are."
        ),
        evidence=_evidence(pair),
        confidence=0.95 if pair.comparison.score > 80 else 0.85,  # noqa: PLR2004 - of 100 points
        duplicate=duplicate.record_id,
        email=duplicate.email if "email" in missing else None,
        phone=duplicate.phone if "phone" in missing else None,
        billing_address=Address(**asdict(address))
        if address and "billing_address" in missing
        else None,
    )


def _give_up(pair: Pair) -> Answer:
    said = " ".join(f"{refusal[:1].upper()}{refusal[1:].rstrip('.')}." for refusal in pair.refusals)
    return _nothing(
        pair,
        pair.refusals[-1] if pair.refusals else "no allowed action fits",
        f"Nothing that this playbook may do fits {_both(pair)}. {said}".strip(),
        0.5,
    )


def _why(pair: Pair) -> str:
    if pair.survivor.paid_invoices and not pair.duplicate.paid_invoices:
        return "for it has paid invoices"
    return "for it is the older one"


def _both(pair: Pair) -> str:
    return f"{pair.survivor.name} and {pair.duplicate.name}"


def _listed(words: Sequence[str]) -> str:
    *front, last = words or [""]
    return f"{', '.join(front)} and {last}" if front else last


def _evidence(pair: Pair) -> list[Evidence]:
    shared = _listed(pair.comparison.reasons[:2])
    return [
        Evidence(
            kind="customer",
            record_id=pair.survivor.record_id,
            claim=f"{pair.survivor.paid_invoices} invoices paid; shares {shared}",
        ),
        Evidence(
            kind="customer",
            record_id=pair.duplicate.record_id,
            claim=f"{pair.duplicate.paid_invoices} invoices paid; shares {shared}",
        ),
    ]


def _nothing(pair: Pair, summary: str, reasoning: str, confidence: float) -> Nothing:
    return Nothing(
        plan=PLAN,
        summary=summary,
        reasoning=reasoning,
        evidence=_evidence(pair),
        confidence=confidence,
    )
