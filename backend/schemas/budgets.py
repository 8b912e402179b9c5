"""Wire types of budgets. Money is in millionths of a US dollar: a model call costs fractions of a cent."""

from backend.schemas.common import Wire


class BudgetCaps(Wire, frozen=True):
    """What may be spent in a calendar month (UTC); null is no cap."""

    tokens: int | None
    micro_usd: int | None


class BudgetUse(Wire, frozen=True):
    """What is used this month, and what is set aside for calls under way.

    ``unpricedCalls``: their tokens are counted, their price nobody knows.
    """

    used_tokens: int
    held_tokens: int
    used_micro_usd: int
    held_micro_usd: int
    unpriced_calls: int


class PlaybookBudget(Wire, frozen=True):
    """One playbook's month; its caps belong to its current version."""

    id: str
    name: str
    caps: BudgetCaps
    use: BudgetUse


class Budget(Wire, frozen=True):
    """The organization's month, and how it divides over its playbooks."""

    month: str
    caps: BudgetCaps
    use: BudgetUse
    playbooks: list[PlaybookBudget]
