"""Writes a plan through the same operations that the wire API uses, each at its own time."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from backend.embedded.simulators.stripe.call import Call
from backend.embedded.simulators.stripe.errors import StripeError
from backend.embedded.simulators.stripe.events import RETENTION
from backend.embedded.simulators.stripe.kinds import (
    credit_notes,
    customers,
    invoice_states,
    invoiceitems,
    invoices,
)
from backend.embedded.simulators.stripe.seed.cases import plant, planted
from backend.embedded.simulators.stripe.seed.more import more
from backend.embedded.simulators.stripe.seed.names import identities
from backend.embedded.simulators.stripe.seed.plan import (
    DAY,
    Bill,
    Company,
    Credit,
    World,
    company,
    history,
)
from backend.embedded.simulators.stripe.store import Account, Store


class NotEmptyError(Exception):
    """The account has objects already; a seed never mixes with them."""


@dataclass(frozen=True)
class Seed:
    """The knobs: the same values give the same account."""

    key: str
    name: str
    number: int
    now: int
    customers: int = 200
    invoices: int = 1500
    currency: str = "eur"


def write(store: Store, seed: Seed) -> dict[str, int]:
    """Fill an empty account in one transaction; objects per kind, or NotEmptyError."""
    rng = random.Random(f"stripe:{seed.number}")  # noqa: S311
    people = identities(rng, seed.customers, seed.currency)
    companies = [company(rng, identity, index) for index, identity in enumerate(people)]
    _double(companies)
    world = World(rng, seed.now, seed.currency, companies)
    bills = history(world, max(seed.invoices - planted(seed.invoices), 0))
    bills += plant(world, seed.invoices)
    with store.transaction():
        ids = random.Random(f"stripe:{seed.number}:{seed.key}")  # noqa: S311
        stripe_id = f"acct_{ids.randbytes(8).hex()}"
        account = store.add_account(seed.key, stripe_id, seed.name, seed.currency, seed.now)
        if store.count_objects(account):
            raise NotEmptyError(f"The account of {account.name} is not empty; nothing was written.")
        writer = _Writer(store, account, seed.now, ids)
        writer.write(companies, bills)
        writer.write(*more(seed.number, seed.now, seed.currency, companies))
        return store.count_objects(account)


def _double(companies: list[Company]) -> None:
    """Turn the last customers into doubles of the first, and into sisters that only look alike."""
    pairs = max(1, len(companies) // 100)
    for index in range(2 * pairs):
        first, other = companies[index], companies[-1 - index]
        if index < pairs:
            form = first.identity.form
            spelled = form.replace(".", "") if "." in form else ".".join(form) + "."
            other.identity = replace(first.identity, form=spelled, mailbox="finance")
            first.case = other.case = "duplicate_customer"
        else:
            name = f"{first.identity.name} {first.identity.city}"
            tax_number = first.identity.country + other.identity.tax_number[2:]
            other.identity = replace(
                first.identity, name=name, mailbox="branch", tax_number=tax_number
            )
            first.case = other.case = "duplicate_customer_trap"


class _Writer:
    def __init__(self, store: Store, account: Account, now: int, ids: random.Random) -> None:
        self._now = now
        self._call = Call(
            store=store, account=account, now=now, rng=ids, events_since=now - RETENTION
        )

    def write(self, companies: list[Company], bills: list[Bill]) -> None:
        bills = sorted(bills, key=lambda one: one.created)
        for one in reversed(bills):
            one.company.first_seen = one.created - 2 * DAY
        for index, who in enumerate(companies):
            who.first_seen = who.first_seen or self._now - (index % 60 + 2) * DAY
        for who in sorted(companies, key=lambda one: one.first_seen):
            self._customer(who)
        for one in bills:
            self._bill(one)

    @contextmanager
    def _at(self, moment: int) -> Iterator[Call]:
        self._call.now = moment
        yield self._call

    def _customer(self, who: Company) -> None:
        identity = who.identity
        address = {
            "line1": identity.street,
            "postal_code": identity.postal_code,
            "city": identity.city,
            "country": identity.country,
        }
        metadata = {"tax_number": identity.tax_number, "case": who.case}
        known = {
            "name": identity.legal_name,
            "email": identity.mailbox and f"{identity.mailbox}@{identity.domain}",
            "phone": identity.phone,
            "address": identity.street and address,
            "metadata": {name: value for name, value in metadata.items() if value},
            "payment_method": who.card,
        }
        params = {name: value for name, value in known.items() if value}
        with self._at(who.first_seen) as call:
            who.stripe_id = customers.create(call, params)["id"]

    def _bill(self, one: Bill) -> None:
        with self._at(one.created) as call:
            params = {
                "customer": one.company.stripe_id,
                "collection_method": "send_invoice",
                "days_until_due": one.company.terms,
                "description": one.memo,
                "metadata": one.metadata,
            }
            invoice_id = invoices.create(call, params)["id"]
            for line in one.lines:
                start, end = line.period
                invoiceitems.create(
                    call,
                    {
                        "invoice": invoice_id,
                        "description": line.description,
                        "unit_amount_decimal": str(line.unit),
                        "quantity": line.quantity,
                        "period": {"start": start, "end": end},
                    },
                )
        if one.is_draft:
            return
        with self._at(one.created + 60) as call:
            invoice_states.send(call, {}, invoice_id)
        self._fate(one, invoice_id)

    def _fate(self, one: Bill, invoice_id: str) -> None:
        for moment in one.declined_at:
            with self._at(moment) as call, suppress(StripeError):
                invoice_states.pay(call, {"payment_method": one.declined_with}, invoice_id)
        if one.paid_at is not None:
            how = {} if one.by_card else {"paid_out_of_band": True}
            with self._at(one.paid_at) as call:
                invoice_states.pay(call, how, invoice_id)
        if one.credit is not None:
            self._credit(one.credit, invoice_id)
        if one.closed is not None:
            status, moment = one.closed
            close = invoice_states.void if status == "void" else invoice_states.mark_uncollectible
            with self._at(moment) as call:
                close(call, {}, invoice_id)

    def _credit(self, credit: Credit, invoice_id: str) -> None:
        where = {"balance": "credit_amount", "outside": "out_of_band_amount"}.get(credit.kind)
        covered = {where: credit.amount} if where else {}
        with self._at(credit.at) as call:
            params = {"invoice": invoice_id, "amount": credit.amount, "memo": credit.memo}
            credit_notes.create(call, {**params, **covered})
