"""Budgets on the wire, and what runs have cost."""

from backend.playbooks.budget import MonthlyCaps
from backend.runs.budget_ledger import Standing
from backend.runs.budget_reading import Month, Spend
from backend.schemas import budgets as wire
from backend.schemas.common import Money

_MICRO_DIGITS = 6


def budget(month: Month) -> wire.Budget:
    """The organization's month."""
    return wire.Budget(
        month=month.period,
        caps=_caps(month.caps),
        use=_use(month.standing),
        playbooks=[
            wire.PlaybookBudget(
                id=str(one.id), name=one.name, caps=_caps(one.caps), use=_use(one.standing)
            )
            for one in month.playbooks
        ],
    )


def spend_money(spend: Spend) -> Money | None:
    """Dollars with six decimals; none where no price is known at all."""
    if spend.unpriced_calls and not spend.micro_usd:
        return None
    return Money(minor=spend.micro_usd, currency="USD", exponent=_MICRO_DIGITS)


def _caps(caps: MonthlyCaps) -> wire.BudgetCaps:
    return wire.BudgetCaps(tokens=caps.tokens, micro_usd=caps.micro_usd)


def _use(standing: Standing) -> wire.BudgetUse:
    return wire.BudgetUse(
        used_tokens=standing.used_tokens,
        held_tokens=standing.held_tokens,
        used_micro_usd=standing.used_micro_usd,
        held_micro_usd=standing.held_micro_usd,
        unpriced_calls=standing.unpriced_calls,
    )
