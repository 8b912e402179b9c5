"""The sentences with which a budget refuses: which one, its cap, what is used, and what a person can do."""

from collections.abc import Callable

from backend.runs.budget_ledger import Account, Amount, Scope, Standing

_REMEDIES = {
    Scope.ORGANIZATION: "An administrator can raise the cap; it is free again with the next month",
    Scope.PLAYBOOK: "Publish a version with a higher cap; it is free again with the next month",
    Scope.RUN: "Start a smaller run, or publish a version of the playbook with a higher cap",
}


def used_up(account: Account, standing: Standing, amount: Amount) -> bool:
    """Whether what has been used already leaves too little, whatever comes back from calls under way."""
    tokens, money = account.cap_tokens, account.cap_micro_usd
    return (tokens is not None and standing.used_tokens + amount.tokens > tokens) or (
        money is not None and standing.used_micro_usd + (amount.micro_usd or 0) > money
    )


def exhausted(account: Account, standing: Standing, amount: Amount) -> str:
    """The refusal of a budget that is used up."""
    return f"{account.name} is used up: {_numbers(account, standing, amount)}. {_REMEDIES[account.scope]}"


def held(account: Account, standing: Standing, amount: Amount) -> str:
    """The refusal of a budget that calls under way have taken for the moment."""
    numbers = _numbers(account, standing, amount)
    return f"{account.name} is taken by calls that are under way: {numbers}"


def price_unknown(account: Account, model: str) -> str:
    """The refusal of a model whose cost cannot be held against a cap in money."""
    return (
        f"{account.name} is capped in money and nobody knows the price of {model}: "
        "take a model whose price is known, or set a cap in tokens instead"
    )


def _numbers(account: Account, standing: Standing, amount: Amount) -> str:
    """In the unit of the cap that stands in the way."""
    taken, cap = standing.used_tokens + standing.held_tokens, account.cap_tokens
    if cap is not None and taken + amount.tokens > cap:
        return _sentence(_tokens, cap, standing.used_tokens, standing.held_tokens, amount.tokens)
    return _sentence(
        _dollars,
        account.cap_micro_usd or 0,
        standing.used_micro_usd,
        standing.held_micro_usd,
        amount.micro_usd or 0,
    )


def _sentence(show: Callable[[int], str], cap: int, used: int, set_aside: int, needed: int) -> str:
    under_way = f", {show(set_aside)} set aside for calls under way" if set_aside else ""
    return (
        f"of {show(cap)}, {show(used)} are used{under_way}; the next call may need {show(needed)}"
    )


def _tokens(number: int) -> str:
    return f"{number:,} tokens"


def _dollars(micro: int) -> str:
    return f"USD {micro / 1_000_000:,.4f}"
