from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from backend.connectors import repository, sync
from backend.connectors.registry import Connectors
from backend.connectors.repository import KeptInvoice
from backend.core.db import Database
from backend.core.errors import UpstreamError
from backend.core.ids import ConnectionId, RecordId
from tenancy.audit import AuditAction
from tenancy.context import TenantContext
from tenancy.models.change import AuditEvent
from tenancy.session import tenant
from tests.conformance.stripe.account import Account


@dataclass
class Books:
    """One organization's records and the means to bring them up to date."""

    database: Database
    connectors: Connectors
    organization: TenantContext
    connection_id: ConnectionId
    beats: list[int] = field(default_factory=list)

    async def sync(self) -> tuple[int, int]:
        return await self.sync_customers(), await self.sync_invoices()

    async def sync_customers(self) -> int:
        return await sync.sync_customers(*self._where, self.beats.append)

    async def sync_invoices(self) -> int:
        return await sync.sync_invoices(*self._where, self.beats.append)

    async def invoice(self, source_id: str) -> KeptInvoice:
        async with tenant(self.database, self.organization) as session:
            return await repository.invoice_of_source(session, self.connection_id, source_id)

    async def customer(self, record_id: RecordId) -> repository.KeptCustomer:
        async with tenant(self.database, self.organization) as session:
            return await repository.customer(session, record_id)

    async def overdue(self, *, min_days: int = 1, limit: int | None = None) -> list[str]:
        async with tenant(self.database, self.organization) as session:
            found = await repository.overdue_invoices(
                session, datetime.now(UTC).date(), min_days=min_days, limit=limit
            )
        return [kept.invoice.source_id for kept in found]

    @property
    def _where(self) -> tuple[Database, Connectors, TenantContext, ConnectionId]:
        return self.database, self.connectors, self.organization, self.connection_id


@pytest.fixture
def books(
    database: Database,
    connectors: Connectors,
    organization: TenantContext,
    connection_id: ConnectionId,
) -> Books:
    return Books(database, connectors, organization, connection_id)


async def test_records_are_kept_as_the_source_has_them(books: Books, account: Account) -> None:
    made = account.overdue_invoice(
        params={"description": "Half damaged", "metadata[reminders_sent]": "2"}
    )

    assert await books.sync() == (1, 1)

    kept = await books.invoice(made["id"])
    async with tenant(books.database, books.organization) as session:
        connection = await repository.connection(session, books.connection_id)
    async with books.connectors.open(connection) as adapter:
        live = await adapter.invoice(made["id"])
    assert kept.invoice == replace(live, raw={})
    assert kept.invoice.custom_fields == {"reminders_sent": "2"}
    customer = await books.customer(kept.customer_id)
    assert (customer.customer.name, customer.customer.email) == ("Halvorsen Marine", "a@b.example")


async def test_syncing_again_overwrites_and_keeps_the_ids(books: Books, account: Account) -> None:
    made = account.overdue_invoice(12_000)
    await books.sync()
    before = await books.invoice(made["id"])

    account.api.post("credit_notes", {"invoice": made["id"], "amount": 2_000})
    account.api.post(f"customers/{made['customer']}", {"name": "Halvorsen Marine ASA"})
    await books.sync()

    after = await books.invoice(made["id"])
    assert (after.id, after.customer_id) == (before.id, before.customer_id)
    assert (after.invoice.balance, after.invoice.credited) == (10_000, 2_000)
    assert after.invoice.customer_name == "Halvorsen Marine ASA"


async def test_every_page_is_kept_and_reported(books: Books, account: Account) -> None:
    for number in range(130):
        account.api.customer(name=f"Customer {number}")

    assert await books.sync_customers() == 130
    assert books.beats == [100, 130]


async def test_overdue_invoices_are_open_unpaid_and_longest_overdue_first(
    books: Books, account: Account
) -> None:
    old = account.overdue_invoice(days=90)["id"]
    new = account.overdue_invoice(days=1)["id"]
    middle = account.overdue_invoice(days=20)["id"]
    for ending in ("void", "mark_uncollectible"):
        account.api.post(f"invoices/{account.overdue_invoice()['id']}/{ending}")
    account.overdue_invoice(days=0)
    account.api.draft()
    await books.sync()

    assert await books.overdue() == [old, middle, new]
    assert await books.overdue(min_days=20) == [old, middle]
    assert await books.overdue(limit=1) == [old]


async def test_an_invoice_whose_customer_came_in_between_brings_the_customer_along(
    books: Books, account: Account
) -> None:
    assert await books.sync_customers() == 0
    made = account.overdue_invoice()

    assert await books.sync_invoices() == 1

    customer = await books.customer((await books.invoice(made["id"])).customer_id)
    assert (customer.customer.email, customer.customer.is_active) == ("a@b.example", True)


async def test_an_invoice_of_a_deleted_customer_is_kept_with_the_name_on_it(
    books: Books, account: Account
) -> None:
    made = account.overdue_invoice()
    account.api.call("DELETE", f"customers/{made['customer']}")

    assert await books.sync() == (0, 1)

    kept = await books.invoice(made["id"])
    customer = await books.customer(kept.customer_id)
    assert kept.invoice.customer_name == "Halvorsen Marine"
    assert not customer.customer.is_active


async def test_a_customer_that_is_gone_is_kept_but_no_longer_active(
    books: Books, account: Account
) -> None:
    made = account.overdue_invoice()
    await books.sync()
    record_id = (await books.invoice(made["id"])).customer_id
    assert (await books.customer(record_id)).customer.is_active

    account.api.call("DELETE", f"customers/{made['customer']}")
    await books.sync()

    assert not (await books.customer(record_id)).customer.is_active
    assert (await books.invoice(made["id"])).customer_id == record_id


async def test_a_sync_that_breaks_off_loses_nothing_and_can_be_run_again(
    books: Books, account: Account
) -> None:
    first = account.overdue_invoice()["id"]
    await books.sync()
    account.overdue_invoice()
    account.misfortune("500", "GET", "/v1/invoices$")

    with pytest.raises(UpstreamError):
        await books.sync()

    assert await books.overdue() == [first]
    assert await books.sync() == (2, 2)


async def test_records_of_another_organization_do_not_exist(
    books: Books, account: Account, stranger: TenantContext
) -> None:
    made = account.overdue_invoice()
    await books.sync()
    kept = await books.invoice(made["id"])
    theirs = replace(books, organization=stranger)

    with pytest.raises(repository.RecordNotFoundError):
        await theirs.invoice(made["id"])
    with pytest.raises(repository.RecordNotFoundError):
        await theirs.customer(kept.customer_id)
    with pytest.raises(repository.ConnectionNotFoundError):
        await theirs.sync()
    assert await theirs.overdue() == []


async def test_a_finished_sync_is_noted_on_the_connection_and_in_the_audit(
    books: Books, account: Account
) -> None:
    account.overdue_invoice()
    customers, invoices = await books.sync()

    await sync.finish(
        books.database,
        books.organization,
        books.connection_id,
        customers=customers,
        invoices=invoices,
    )

    async with tenant(books.database, books.organization) as session:
        connection = await repository.connection(session, books.connection_id)
        noted = await session.scalar(
            select(AuditEvent.details).where(AuditEvent.action == AuditAction.CONNECTION_SYNCED)
        )
    assert connection.synced_at is not None
    assert noted == {"customers": 1, "invoices": 1}
