"""Further customers with cases of their own: kept twice, or with a card that was declined, each with its traps.

They have a generator of their own, so that everything else of a seed stays as it is without them.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from backend.embedded.simulators.stripe.seed.names import Identity, identities
from backend.embedded.simulators.stripe.seed.plan import DAY, Bill, Company, World, bill

_SPARE = 40
_HOUR = 3600
_GOOD = "pm_card_visa"
_SHORT = "pm_card_visa_chargeDeclinedInsufficientFunds"
_EXPIRED = "pm_card_chargeDeclinedExpiredCard"
_STOLEN = "pm_card_visa_chargeDeclinedStolenCard"
_BUSY = "pm_card_chargeDeclinedProcessingError"

Maker = Callable[[World, Iterator[Identity]], tuple[list[Company], list[Bill]]]


def more(
    seed: int, now: int, currency: str, taken: list[Company]
) -> tuple[list[Company], list[Bill]]:
    """One round of all cases for every hundred customers, at least one."""
    rng = random.Random(f"stripe:{seed}:more")  # noqa: S311
    world = World(rng, now, currency, [])
    used = {one.identity.name for one in taken}
    rounds = max(1, len(taken) // 100)
    drawn = identities(rng, len(taken) + _SPARE * rounds, currency)
    spare = iter([one for one in drawn if one.name not in used])
    companies: list[Company] = []
    bills: list[Bill] = []
    for _ in range(rounds):
        for make in _MAKERS:
            made, billed = make(world, spare)
            companies += made
            bills += billed
    return companies, bills


def _one_mailbox(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """The same mailbox; the older one has neither address nor phone nor tax number."""
    found = next(spare)
    bare = replace(found, street="", phone="", tax_number="")
    again = replace(found, form="", mailbox=found.mailbox.capitalize())
    return _kept(world, "duplicate_customer", bare, again), []


def _one_phone(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """The same phone, written otherwise, and nearly the same name; the older one has no mailbox."""
    found = next(spare)
    bare = replace(found, mailbox="", tax_number="")
    again = replace(found, form="", phone=found.phone.replace("+", "00").replace(" ", "-"))
    return _kept(world, "duplicate_customer", bare, again), []


def _one_tax_number(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """The same tax number under a shortened name; the older one has no address."""
    found = next(spare)
    bare = replace(found, street="")
    again = replace(found, name=found.name.split()[0], mailbox="office")
    return _kept(world, "duplicate_customer", bare, again), []


def _two_people(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """Two people of one company, who share its phone, address and domain."""
    found = replace(next(spare), form="", tax_number="")
    one = replace(found, name="Anna Kuiper", mailbox="anna")
    other = replace(found, name="Bram de Vries", mailbox="bram")
    return _kept(world, "duplicate_customer_trap", one, other), []


def _two_cities(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """One name and domain in two cities: two places of business."""
    found, elsewhere = next(spare), next(spare)
    while elsewhere.city == found.city:
        elsewhere = next(spare)
    other = replace(elsewhere, name=found.name, form=found.form, domain=found.domain, tax_number="")
    other = replace(other, trade=found.trade, mailbox="reception")
    return _kept(world, "duplicate_customer_trap", found, other), []


def _one_provider(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """Two companies with a mailbox at the same provider."""
    both = [replace(one, domain="postbox.example") for one in (next(spare), next(spare))]
    named = [replace(one, mailbox=one.name.split()[0].lower()) for one in both]
    return _kept(world, "duplicate_customer_trap", *named), []


def _soft(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """Declined for a reason that passes, long enough ago; the last one's card is still short."""
    return _declined(
        world,
        spare,
        ("declined_soft", _GOOD, _SHORT, (4 * DAY,), {}),
        ("declined_soft", _GOOD, _BUSY, (2 * DAY,), {}),
        ("declined_soft", _SHORT, _SHORT, (8 * DAY, 5 * DAY), {}),
    )


def _hard(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """Declined for good."""
    return _declined(
        world,
        spare,
        ("declined_hard", _EXPIRED, _EXPIRED, (2 * DAY,), {}),
        ("declined_hard", _STOLEN, _STOLEN, (6 * DAY, 3 * DAY), {}),
    )


def _wait(world: World, spare: Iterator[Identity]) -> tuple[list[Company], list[Bill]]:
    """Too fresh, tried often enough, promised, contested."""
    promised = datetime.fromtimestamp(world.now + 6 * DAY, UTC).strftime("%Y-%m-%d")
    often = (11 * DAY, 9 * DAY, 7 * DAY, 5 * DAY)
    return _declined(
        world,
        spare,
        ("declined_trap", _GOOD, _SHORT, (9 * _HOUR,), {}),
        ("declined_trap", _GOOD, _SHORT, often, {}),
        ("declined_trap", _GOOD, _SHORT, (4 * DAY,), {"promised_date": promised}),
        ("declined_trap", _GOOD, _EXPIRED, (4 * DAY,), {"disputed_amount": "2500"}),
    )


_MAKERS: tuple[Maker, ...] = (
    _one_mailbox,
    _one_phone,
    _one_tax_number,
    _two_people,
    _two_cities,
    _one_provider,
    _soft,
    _hard,
    _wait,
)


def _kept(world: World, case: str, older: Identity, newer: Identity) -> list[Company]:
    """The older one was made a year before the newer one."""
    days = world.rng.randint(20, 60)
    return [
        _company(older, case, world.now - (days + 365) * DAY),
        _company(newer, case, world.now - days * DAY),
    ]


def _declined(
    world: World,
    spare: Iterator[Identity],
    *cases: tuple[str, str, str, tuple[int, ...], dict[str, str]],
) -> tuple[list[Company], list[Bill]]:
    companies, bills = [], []
    for case, card, used, ago, metadata in cases:
        who = _company(next(spare), None, world.now - 25 * DAY)
        who.card = card
        one = bill(world, who, world.now - 20 * DAY)
        one.memo = None
        one.metadata = {"case": case, **metadata}
        one.declined_at = [world.now - moment for moment in ago]
        one.declined_with = used
        companies.append(who)
        bills.append(one)
    return companies, bills


def _company(identity: Identity, case: str | None, first_seen: int) -> Company:
    return Company(
        identity=identity,
        payer="prompt",
        terms=30,
        weight=1,
        size=1,
        case=case,
        first_seen=first_seen,
    )
