"""The planted cases, each with its trap beside it; the package's docstring lists how to know them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

from backend.embedded.simulators.stripe.seed.plan import (
    DAY,
    Bill,
    Company,
    Credit,
    Line,
    World,
    bill,
    late,
    working_hour,
)

_COMPLAINTS = (
    "Half of the goods on line 1 ({line}) arrived damaged. We ask for a credit of {money} and pay the rest.",
    "Line 1 ({line}) was delivered short, please credit {money}. We dispute this part of the invoice.",
    "We do not agree with line 1 ({line}): the quality is not what was ordered. Credit {money}, please.",
)
_THANKS = (
    "Thank you for replacing the damaged goods so quickly, the invoice is fine. Payment follows.",
    "The damaged delivery was exchanged at once, thanks. Nothing is open from our side but the payment.",
)
# How many of each at 1,500 invoices; smaller seeds plant fewer, never none.
_COUNTS = {
    "duplicate": 8,
    "duplicate_trap": 4,
    "disputed": 8,
    "disputed_trap": 7,
    "uncollectible": 4,
    "uncollectible_trap": 4,
    "failed": 8,
    "failed_trap": 8,
    "prompt_trap": 8,
    "reminded_trap": 6,
    "unapplied_credit": 4,
    "unapplied_credit_trap": 4,
    "slow_payer": 40,
    "bad_payer": 20,
    "closed": 18,
}


# A case of these is two bills: the original and its copy, two months of one retainer.
_PAIRS = ("duplicate", "duplicate_trap")


def planted(invoices: int) -> int:
    """How many bills `plant` will make."""
    return sum(_number(case, invoices) * (2 if case in _PAIRS else 1) for case in _COUNTS)


def plant(world: World, invoices: int) -> list[Bill]:
    """Every case in its number; called after the history, which the habits are read from."""
    makers: dict[str, Callable[[World, Company, int], list[Bill]]] = {
        "duplicate": _duplicate,
        "duplicate_trap": _retainer,
        "disputed": _disputed,
        "disputed_trap": _not_disputed,
        "uncollectible": _uncollectible,
        "uncollectible_trap": _promised,
        "failed": _failed,
        "failed_trap": _failed_then_paid,
        "prompt_trap": _prompt,
        "reminded_trap": _reminded,
        "unapplied_credit": _unapplied_credit,
        "unapplied_credit_trap": _given_back,
        "slow_payer": _slow,
        "bad_payer": _bad,
        "closed": _closed,
    }
    payers = _Payers(world)
    made: list[Bill] = []
    for case, maker in makers.items():
        for index in range(_number(case, invoices)):
            for one in maker(world, payers.next(case), index):
                one.metadata.setdefault("case", case)
                made.append(one)
    return made


def _number(case: str, invoices: int) -> int:
    return max(1, round(_COUNTS[case] * invoices / 1500))


class _Payers:
    """Whose turn it is: by habit, well-known customers first, everyone in turn."""

    def __init__(self, world: World) -> None:
        self._prompt: Iterator[Company] = cycle(
            [one for one in world.payers("prompt") if not one.card]
        )
        self._slow: Iterator[Company] = cycle(world.payers("slow"))
        self._bad: Iterator[Company] = cycle(world.payers("bad"))

    def next(self, case: str) -> Company:
        if case in {"slow_payer", "reminded_trap", "failed", "failed_trap"}:
            return next(self._slow)
        if case in {"bad_payer", "uncollectible", "uncollectible_trap"}:
            return next(self._bad)
        return next(self._prompt)


def _duplicate(world: World, who: Company, index: int) -> list[Bill]:
    original = late(world, who, world.rng.uniform(6, 40))
    original.metadata["case"] = "duplicate_original"
    again = replace(original, created=original.created + world.rng.randint(2400, 4800))
    again.metadata = {}
    if index % 2 == 0:
        original.paid_at = original.due - world.rng.randint(0, 3) * DAY
    return [original, again]


def _retainer(world: World, who: Company, index: int) -> list[Bill]:
    """Two months of one retainer; every other pair was billed late and together, within an hour."""
    rng = world.rng
    unit = rng.randrange(90_000, 400_000, 5_000)
    second = late(world, who, rng.uniform(3, 12))
    gap = rng.randint(1800, 3400) if index % 2 else 30 * DAY
    first = replace(second, created=second.created - gap, metadata={})
    for months_ago, one in ((2, first), (1, second)):
        end = second.created - second.created % DAY - (months_ago - 1) * 30 * DAY
        period = (end - 30 * DAY, end)
        one.lines = [Line("Monthly retainer, operations", unit, 1, period)]
    return [first, second]


def _disputed(world: World, who: Company, index: int) -> list[Bill]:
    one = late(world, who, world.rng.uniform(5, 50), at_least=60_000)
    amount = one.lines[0].amount // 2
    money = f"{amount // 100}.{amount % 100:02d} {world.currency.upper()}"
    complaint = _COMPLAINTS[index % len(_COMPLAINTS)]
    one.memo = complaint.format(line=one.lines[0].description, money=money)
    one.metadata["disputed_amount"] = str(amount)
    return [one]


def _not_disputed(world: World, who: Company, index: int) -> list[Bill]:
    if index % 2 == 0:
        one = late(world, who, world.rng.uniform(5, 30))
        one.memo = _THANKS[index // 2 % len(_THANKS)]
        return [one]
    [one] = _disputed(world, who, index)
    amount = int(one.metadata["disputed_amount"])
    one.credit = Credit(amount, one.due + DAY, "Credit for the contested part, as agreed")
    return [one]


def _uncollectible(world: World, who: Company, index: int) -> list[Bill]:
    one = late(world, who, world.rng.uniform(190, 380))
    one.metadata |= _reminders(world, 4, world.rng.randint(35, 90))
    one.metadata["email_bounced"] = "true"
    if index % 4 == 1:
        one.metadata["promised_date"] = _date(world.now - world.rng.randint(40, 120) * DAY)
    return [one]


def _promised(world: World, who: Company, _index: int) -> list[Bill]:
    [one] = _uncollectible(world, who, 0)
    one.metadata["promised_date"] = _date(world.now + world.rng.randint(5, 30) * DAY)
    return [one]


def _failed(world: World, who: Company, index: int) -> list[Bill]:
    one = late(world, who, world.rng.uniform(4, 25))
    one.declined_at = [one.due + 3600, one.due + DAY][: 1 + index % 2]
    return [one]


def _failed_then_paid(world: World, who: Company, _index: int) -> list[Bill]:
    one = late(world, who, world.rng.uniform(6, 60))
    one.declined_at = [one.due + 3600]
    one.paid_at = one.due + DAY + 7200
    return [one]


def _prompt(world: World, who: Company, _index: int) -> list[Bill]:
    return [
        late(
            world, who, world.rng.uniform(1.1, 2.9), at_least=world.rng.randint(300_000, 1_500_000)
        )
    ]


def _reminded(world: World, who: Company, _index: int) -> list[Bill]:
    one = late(world, who, world.rng.uniform(8, 30))
    one.metadata |= _reminders(world, 1, world.rng.randint(1, 4))
    return [one]


def _slow(world: World, who: Company, _index: int) -> list[Bill]:
    return [_dunned(world, who, world.rng.uniform(4, 45))]


def _bad(world: World, who: Company, _index: int) -> list[Bill]:
    return [_dunned(world, who, world.rng.uniform(20, 110))]


def _unapplied_credit(world: World, who: Company, _index: int) -> list[Bill]:
    return [_credited(world, who, "balance")]


def _given_back(world: World, who: Company, _index: int) -> list[Bill]:
    return [_credited(world, who, "outside")]


def _closed(world: World, who: Company, index: int) -> list[Bill]:
    """Old stories that are over: voided, written off; and drafts that have not begun."""
    if index % 6 == 1:
        draft = bill(world, who, working_hour(world, 1))
        draft.is_draft = True
        draft.metadata["case"] = "draft"
        return [draft]
    one = late(world, who, world.rng.uniform(100, 300))
    status = "void" if index % 2 else "uncollectible"
    one.closed = (status, one.due + (2 if index % 2 else 90) * DAY)
    one.metadata["case"] = f"closed_{status}"
    return [one]


def _dunned(world: World, who: Company, days: float) -> Bill:
    one = late(world, who, days)
    sent = min(3, int(days) // 20)
    if sent:
        one.metadata |= _reminders(world, sent, world.rng.randint(8, 14))
    return one


def _credited(world: World, who: Company, kind: str) -> Bill:
    one = late(world, who, world.rng.uniform(30, 120))
    one.paid_at = one.due - DAY
    one.credit = Credit(one.lines[0].amount // 4, one.due + 5 * DAY, "Price correction", kind)
    return one


def _reminders(world: World, number: int, days_ago: int) -> dict[str, str]:
    last = _date(world.now - days_ago * DAY)
    return {"reminders_sent": str(number), "last_reminder_on": last}


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
