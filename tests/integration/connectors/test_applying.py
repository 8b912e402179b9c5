"""Events in any order, twice or not at all: what is kept is what a full sync would have kept."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import sync, webhooks
from backend.connectors.applying import Applied, Backlog, apply_due
from backend.connectors.credentials import create_connection
from backend.connectors.models import CustomerRecord, InvoiceRecord
from backend.connectors.registry import Connectors
from backend.connectors.webhook_models import InboundEvent
from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import ConnectionId, new_uuid
from tenancy.context import TenantContext
from tenancy.organizations import create_organization
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.deliveries import SECRET, body_of, events_of, sign

Json = dict[str, Any]
_OWN = {"org_id", "id", "connection_id", "customer_id", "synced_at", "raw"}
DECLINED = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}


@dataclass
class House:
    """An organization that keeps the account's records."""

    database: Database
    connectors: Connectors
    context: TenantContext
    connection_id: ConnectionId
    heard: list[Applied] = field(default_factory=list)

    async def receive(self, event: Json) -> None:
        body = body_of(event)
        await webhooks.receive(
            self.database,
            self.connectors,
            "stripe",
            self.connection_id,
            headers={"Stripe-Signature": sign(body)},
            body=body,
        )

    async def apply(self) -> Backlog:
        async def hear(_: AsyncSession, applied: Applied) -> None:
            self.heard.append(applied)

        while True:
            left = await apply_due(
                self.database, self.connectors, self.context, self.connection_id, hear
            )
            if not left.more:
                return left

    async def sync(self) -> None:
        where = self.database, self.connectors, self.context, self.connection_id
        await sync.sync_customers(*where, lambda _: None)
        await sync.sync_invoices(*where, lambda _: None)

    async def records(self) -> Mapping[str, Json]:
        """What is kept, by the source's ids; of a deletion only that it is one."""
        found: dict[str, Json] = {}
        async with tenant(self.database, self.context) as session:
            for table in (CustomerRecord, InvoiceRecord):
                for row in await session.scalars(select(table)):
                    values = {c.name: getattr(row, c.name) for c in row.__table__.columns}
                    kept = {name: one for name, one in values.items() if name not in _OWN}
                    kept["deleted_at"] = kept["deleted_at"] is not None
                    found[kept["source_id"]] = kept
        return found

    async def events(self) -> Sequence[InboundEvent]:
        async with tenant(self.database, self.context) as session:
            return (await session.scalars(select(InboundEvent).order_by(InboundEvent.id))).all()

    async def let_time_pass(self) -> None:
        """As if every pause between two attempts were over."""
        async with tenant(self.database, self.context) as session:
            await session.execute(update(InboundEvent).values(next_try_at=now() - timedelta(1)))


class Houses:
    """Opens organizations on one account."""

    def __init__(self, database: Database, connectors: Connectors, account: Account) -> None:
        self._database, self._connectors, self._account = database, connectors, account

    async def open(self) -> House:
        org_id = await create_organization(
            self._database, slug=f"org-{new_uuid()}", name="Brindlemoor", is_demo=False
        )
        context = TenantContext(org_id)
        async with tenant(self._database, context) as session:
            key = self._account.api.key.encode()
            connection_id = await create_connection(
                session, self._connectors.keys, vendor="stripe", name="Stripe", secret=key
            )
            await webhooks.keep_secrets(session, self._connectors.keys, connection_id, [SECRET])
        return House(self._database, self._connectors, context, connection_id)


@pytest.fixture
def houses(database: Database, connectors: Connectors, account: Account) -> Houses:
    return Houses(database, connectors, account)


def busy_day(account: Account) -> None:
    """Everything that happens to the receivables of the demo, and customers that go away."""
    api = account.api
    paid, credited, refused, void = (account.overdue_invoice() for _ in range(4))
    api.post(f"invoices/{paid['id']}/pay", {"payment_method": "pm_card_visa"})
    api.post("credit_notes", {"invoice": paid["id"], "amount": 500, "refund_amount": 500})
    api.post("credit_notes", {"invoice": credited["id"], "amount": 2_000})
    api.refused(402, f"invoices/{refused['id']}/pay", DECLINED)
    api.post(f"invoices/{void['id']}/void")
    api.post(f"invoices/{account.overdue_invoice()['id']}/mark_uncollectible")
    api.post(f"invoices/{credited['id']}", {"metadata[promised_date]": "2999-01-01"})
    api.post(f"customers/{credited['customer']}", {"name": "Halvorsen Marine ASA"})
    api.draft()
    api.call("DELETE", f"customers/{void['customer']}")
    api.call("DELETE", f"customers/{api.customer()['id']}")


def shuffled(events: Sequence[Json], seed: int) -> list[Json]:
    """Another order, some twice, and some not at all where another one tells of the same object."""
    dice = random.Random(seed)  # noqa: S311 - the same order for the same seed
    stream = [*events, *dice.sample(events, len(events) // 3)]
    dice.shuffle(stream)
    told: set[str] = set()
    kept = []
    for event in stream:
        about = event["data"]["object"]["id"]
        if about not in told or dice.random() < 0.6:
            kept.append(event)
        told.add(about)
    return kept


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_with_duplicates_and_gaps_ends_as_a_full_sync_does(
    houses: Houses, account: Account, seed: int
) -> None:
    listening, synced = await houses.open(), await houses.open()
    busy_day(account)
    half = events_of(account.api)
    for event in shuffled(half, seed):
        await listening.receive(event)
    await listening.apply()
    busy_day(account)
    second = events_of(account.api)[len(half) :]
    for number, event in enumerate(shuffled(second, seed + 100)):
        await listening.receive(event)
        if number % 7 == seed % 7:
            await listening.apply()
    assert await listening.apply() == Backlog(more=False)

    await synced.sync()
    found = await listening.records()
    assert len(found) > 20
    assert any(record["deleted_at"] for record in found.values())
    assert found == await synced.records()


async def test_event_tells_which_records_it_was_about(houses: Houses, account: Account) -> None:
    house = await houses.open()
    made = account.api.invoice()
    for event in events_of(account.api):
        await house.receive(event)
    await house.apply()
    told = [event["type"] for event in events_of(account.api)]
    kept = [kind for kind in told if not kind.startswith("invoiceitem.")]
    assert [applied.kind for applied in house.heard] == kept
    async with tenant(house.database, house.context) as session:
        row = await session.scalar(
            select(InvoiceRecord).where(InvoiceRecord.source_id == made["id"])
        )
    assert row is not None
    assert house.heard[-1].records == {"invoice": row.id, "customer": row.customer_id}
    assert [row.kind for row in await house.events() if row.state == "applied"] == kept


async def test_failed_payment_brings_an_invoice_along_that_was_never_met(
    houses: Houses, account: Account
) -> None:
    house = await houses.open()
    made = account.overdue_invoice()
    account.api.refused(402, f"invoices/{made['id']}/pay", DECLINED)
    [failed] = account.api.get("events", {"type": "invoice.payment_failed"})["data"]
    await house.receive(failed)
    await house.apply()
    assert (await house.records())[made["id"]]["payment_attempts"] == 1
    assert set(house.heard[0].records) == {"invoice", "customer"}


async def test_earlier_reading_never_replaces_a_later_one(houses: Houses, account: Account) -> None:
    house = await houses.open()
    made = account.overdue_invoice()
    await house.sync()
    async with sync.opened(
        house.database, house.connectors, house.context, house.connection_id
    ) as source:
        read_at = now()
        old = await source[1].invoice(made["id"])
        account.api.post("credit_notes", {"invoice": made["id"], "amount": 2_000})
        for event in events_of(account.api):
            await house.receive(event)
        await house.apply()
        await sync.keep_invoices(house.database, house.context, source, [old], read_at)
    assert (await house.records())[made["id"]]["credited"] == 2_000


async def test_failure_is_kept_with_its_error_and_tried_again(
    houses: Houses, account: Account
) -> None:
    house = await houses.open()
    customer = account.api.customer()
    [event] = events_of(account.api)
    account.misfortune("500", "GET", f"/v1/customers/{customer['id']}$")
    await house.receive(event)
    left = await house.apply()
    assert left.retry_in is not None
    assert 0 < left.retry_in <= 2
    [row] = await house.events()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.error is not None
    assert row.error.startswith("Stripe:")
    assert house.heard == []

    await house.let_time_pass()
    assert await house.apply() == Backlog(more=False)
    [row] = await house.events()
    assert (row.state, row.attempts, row.error, row.next_try_at) == ("applied", 2, None, None)
    assert len(house.heard) == 1


async def test_vendor_that_asks_to_wait_is_left_alone_and_nothing_is_lost(
    houses: Houses, account: Account
) -> None:
    house = await houses.open()
    for _ in range(3):
        account.api.customer()
    account.misfortune("429", "GET", "/v1/customers/")
    for event in events_of(account.api):
        await house.receive(event)
    left = await house.apply()
    assert left.retry_in is not None
    assert [row.attempts for row in await house.events()] == [1, 0, 0]
    await house.let_time_pass()
    await house.apply()
    assert {row.state for row in await house.events()} == {"applied"}
    assert len(await house.records()) == 3


async def test_what_fails_for_good_is_kept_for_a_person(houses: Houses, account: Account) -> None:
    house = await houses.open()
    account.api.customer()
    [event] = events_of(account.api)
    await house.receive(event)
    async with tenant(house.database, house.context) as session:
        await session.execute(update(InboundEvent).values(attempts=19))
    account.misfortune("500", "GET", "/v1/customers/")
    assert await house.apply() == Backlog(more=False)
    [row] = await house.events()
    assert (row.state, row.attempts) == ("failed", 20)
    assert row.error is not None
