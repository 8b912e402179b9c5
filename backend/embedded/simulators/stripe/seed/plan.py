"""What is to be written: companies, bills and their fate, as plain data; `history` draws the ordinary ones."""

import random
from dataclasses import dataclass, field

from backend.embedded.simulators.stripe.seed.names import TRADES, Identity

DAY = 86_400
HORIZON = 548
CARD_SHARE = 0.15
ORDER_SHARE = 0.4
KNOWN_AFTER = 7  # bills
_HABITS = {"prompt": (-3.0, 3.0), "slow": (21.0, 7.0), "bad": (75.0, 20.0)}


@dataclass
class Company:
    """One customer. `payer` is prompt, slow or bad and is written nowhere: it shows in the history."""

    identity: Identity
    payer: str
    terms: int
    weight: float
    size: float
    card: str | None = None
    case: str | None = None
    bills: int = 0
    first_seen: int = 0
    stripe_id: str = ""


@dataclass(frozen=True)
class Line:
    """One line: `unit` in minor units, the period as (start, end)."""

    description: str
    unit: int
    quantity: int
    period: tuple[int, int]

    @property
    def amount(self) -> int:
        """Minor units."""
        return self.unit * self.quantity


@dataclass(frozen=True)
class Credit:
    """A credit note on the bill: before payment, to the balance, or given back outside."""

    amount: int
    at: int
    memo: str
    kind: str = "open"


@dataclass
class Bill:
    """One invoice and what becomes of it."""

    company: Company
    created: int
    lines: list[Line]
    memo: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    declined_at: list[int] = field(default_factory=list)
    declined_with: str = "pm_card_chargeCustomerFail"
    paid_at: int | None = None
    by_card: bool = False
    credit: Credit | None = None
    closed: tuple[str, int] | None = None
    is_draft: bool = False

    @property
    def due(self) -> int:
        """When the money is due."""
        return self.created + self.company.terms * DAY

    @property
    def total(self) -> int:
        """Minor units."""
        return sum(line.amount for line in self.lines)


@dataclass
class World:
    """The generator with what it draws from."""

    rng: random.Random
    now: int
    currency: str
    companies: list[Company]

    def payers(self, kind: str) -> list[Company]:
        """Companies of one habit that have shown it, those with the longest history first."""
        found = [one for one in self.companies if one.payer == kind and one.case is None]
        ranked = sorted(found, key=lambda one: -one.bills)
        known = [one for one in ranked if one.bills >= KNOWN_AFTER]
        return known or ranked[: max(len(ranked) // 4, 1)]


def company(rng: random.Random, identity: Identity, index: int) -> Company:
    """Habits in fixed shares: 60 % prompt, 30 % slow, 10 % bad."""
    payer = (
        "prompt",
        "prompt",
        "slow",
        "prompt",
        "slow",
        "prompt",
        "bad",
        "prompt",
        "slow",
        "prompt",
    )
    kind = payer[index % 10]
    return Company(
        identity=identity,
        payer=kind,
        terms=rng.choice((14, 30, 30, 60)),
        weight=rng.lognormvariate(0, 0.7),
        size=rng.lognormvariate(0, 0.5),
        card="pm_card_visa" if kind == "prompt" and rng.random() < CARD_SHARE else None,
    )


def bill(world: World, who: Company, created: int, *, at_least: int = 4_000) -> Bill:
    """An ordinary bill of log-normal amount (minor units) with one to three lines."""
    rng = world.rng
    target = min(max(rng.lognormvariate(11.8, 1) * who.size, at_least), 9_000_000)
    goods = rng.sample(TRADES[who.identity.trade], rng.randint(1, 3))
    start = created - created % DAY - rng.randint(1, 14) * DAY
    period = (start, start + rng.randint(0, 5) * DAY)
    lines = [_line(rng, name, target / len(goods), period) for name in goods]
    made = Bill(who, created, lines)
    if rng.random() < ORDER_SHARE:
        made.metadata["po_number"] = f"PO-{rng.randint(10000, 99999)}"
        made.memo = f"Your order {made.metadata['po_number']}"
    who.bills += 1
    return made


def history(world: World, number: int) -> list[Bill]:
    """Ordinary bills: paid as the customer's habit says, or not due yet; none is late and open."""
    weights = [one.weight for one in world.companies]
    made = []
    for who in world.rng.choices(world.companies, weights, k=number):
        one = bill(world, who, working_hour(world, world.rng.uniform(1, HORIZON)))
        _settle(world, one)
        made.append(one)
    return made


def working_hour(world: World, days_ago: float) -> int:
    """A moment in the daytime so many days ago."""
    midnight = world.now - int(days_ago) * DAY
    midnight -= midnight % DAY
    moment = midnight + world.rng.randint(8 * 3600, 17 * 3600)
    return min(moment, world.now - 3600)


def late(world: World, who: Company, days: float, *, at_least: int = 4_000) -> Bill:
    """An open bill that has been due for so many days."""
    one = bill(world, who, world.now - who.terms * DAY - int(days * DAY), at_least=at_least)
    one.metadata.pop("po_number", None)
    one.memo = None
    return one


def _settle(world: World, one: Bill) -> None:
    mean, spread = _HABITS[one.company.payer]
    paid = one.due + int(world.rng.gauss(mean, spread) * DAY)
    paid = max(paid, one.created + DAY)
    if paid >= world.now and one.due >= world.now:
        return
    one.paid_at = min(paid, world.now - world.rng.randint(1, 20) * 3600)
    one.paid_at = max(one.paid_at, one.created + 3600)
    one.by_card = one.company.card is not None


def _line(rng: random.Random, name: str, target: float, period: tuple[int, int]) -> Line:
    quantity = rng.choice((1, 1, 1, 2, 4, 5, 8, 10, 12, 20))
    unit = max(round(target / quantity / 50) * 50, 50)
    return Line(name, unit, quantity, period)
