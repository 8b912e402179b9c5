"""From a change at the outside system by its webhook to the record, the run and the proposal; and when things break."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from backend.connectors import repository as records
from backend.connectors import webhooks
from backend.connectors.records import Invoice
from backend.connectors.webhook_models import InboundEvent
from backend.core.ids import ConnectionId, RunId
from backend.playbooks.switching import switch
from backend.playbooks.triggers import TriggerKind
from backend.proposals.decisions import DecisionKind
from backend.runs.models import RunRow
from tenancy.context import Channel, Principal
from tenancy.members import add_member, add_user
from tenancy.permissions import Role
from tenancy.principals import load_principal
from tenancy.session import tenant
from tests.conformance.stripe.account import Account
from tests.definitions import quick
from tests.deliveries import SECRET, body_of, events_of, sign, subscribe
from tests.desk import Desk, OpenDesk
from tests.fixtures.client import ServerProcess
from tests.waiting import eventually
from tests.worker import WorkerProcess


@dataclass(frozen=True)
class Wire:
    """A desk and its connection. ``admin`` switches the playbook's trigger on, so that the lead may decide."""

    desk: Desk
    connection_id: ConnectionId
    admin: Principal

    async def listen(self) -> None:
        desk, kind = self.desk, TriggerKind.RECORD_CHANGED
        async with tenant(desk.database, self.admin.tenant) as session:
            await switch(session, self.admin, desk.playbook.id, kind, enabled=True)

    async def sign_with(self, *live: str) -> None:
        desk = self.desk
        async with tenant(desk.database, desk.context) as session:
            await webhooks.keep_secrets(session, desk.connectors.keys, self.connection_id, live)

    async def deliver(self, account: Account) -> None:
        """Hand in every event of the account; whether the engine hears of it is left to the outbox."""
        for event in events_of(account.api):
            body = body_of(event)
            headers = {"Stripe-Signature": sign(body)}
            desk = self.desk
            await webhooks.receive(
                desk.database,
                desk.connectors,
                "stripe",
                self.connection_id,
                headers=headers,
                body=body,
            )

    async def events(self) -> Sequence[InboundEvent]:
        async with tenant(self.desk.database, self.desk.context) as session:
            return (await session.scalars(select(InboundEvent).order_by(InboundEvent.id))).all()

    async def settled(self, *, seconds: float = 30) -> Sequence[InboundEvent]:
        """Everything that came in, when none of it waits any more."""

        async def look() -> Sequence[InboundEvent] | None:
            found = await self.events()
            return found if found and all(row.state != "waiting" for row in found) else None

        return await eventually(look, "the end of the inbox", seconds=seconds)

    async def parents(self) -> Sequence[RunRow]:
        query = select(RunRow).where(RunRow.parent_run_id.is_(None)).order_by(RunRow.id)
        async with tenant(self.desk.database, self.desk.context) as session:
            return (await session.scalars(query)).all()

    async def started(self) -> RunRow:
        async def look() -> RunRow | None:
            return next(iter(await self.parents()), None)

        return await eventually(look, "a run")

    async def invoice(self, source_id: str) -> Invoice | None:
        async with tenant(self.desk.database, self.desk.context) as session:
            try:
                kept = await records.invoice_of_source(session, self.connection_id, source_id)
            except records.RecordNotFoundError:
                return None
        return kept.invoice


@pytest.fixture
async def wire(opened: OpenDesk) -> Wire:
    desk = await opened(definition=quick())
    email = f"ines-{secrets.token_hex(6)}@brindlemoor.example"
    password = secrets.token_urlsafe(16)
    user_id = await add_user(desk.database, email=email, name="Ines", password=password)
    async with tenant(desk.database, desk.context) as session:
        [connection] = await records.connections_to(session, "stripe")
        await add_member(session, user_id, Role.ORG_ADMIN, next(iter(desk.lead.team_ids)))
        admin = await load_principal(session, user_id, Channel.REST)
    made = Wire(desk, ConnectionId(connection.id), admin)
    await made.sign_with(SECRET)
    return made


@pytest.mark.usefixtures("worker")
async def test_change_at_stripe_becomes_a_record_a_run_and_a_proposal(
    wire: Wire, account: Account, server: ServerProcess
) -> None:
    desk = wire.desk
    address = f"{server.url}/webhooks/stripe/{wire.connection_id}"
    await wire.sign_with(subscribe(account.api, address))
    await wire.listen()
    account.overdue_invoice()  # nobody syncs: only the webhook tells of it
    made = account.overdue_invoice()

    async def arrived() -> Invoice | None:
        return await wire.invoice(made["id"])

    assert (await eventually(arrived, "the record")).balance == 12_000
    run = await wire.started()
    assert run.requested_by == wire.admin.user_id

    async def both() -> bool:
        return len(await wire.parents()) == 2

    await eventually(both, "a run about each invoice")
    for row in await wire.parents():
        assert (await desk.finished(RunId(row.id))).counts.proposed == 1
    [first, second] = [
        view for row in await wire.parents() for view in await desk.proposed(RunId(row.id))
    ]
    assert {first.row.target_source_id, second.row.target_source_id} >= {made["id"]}

    # What our own effect causes is heard, kept, and starts nothing.
    before = len(await wire.settled())
    await desk.decide(first, DecisionKind.APPROVE)
    await desk.executed(first)
    await desk.finished(RunId(first.row.run_id))

    async def heard() -> bool:
        return len(await wire.events()) > before

    await eventually(heard, "the events of the effect")
    await wire.settled()
    assert len(await wire.parents()) == 2

    # Somebody else's change at the invoice whose run is over does.
    account.api.post(f"invoices/{first.row.target_source_id}", {"metadata[seen]": "yes"})

    async def again() -> bool:
        return len(await wire.parents()) == 3

    await eventually(again, "a run about the change of somebody else")


@pytest.mark.usefixtures("worker")
async def test_events_without_a_switch_update_records_and_start_nothing(
    wire: Wire, account: Account
) -> None:
    made = account.overdue_invoice()
    account.api.post(f"invoices/{made['id']}", {"description": "Half damaged"})
    await wire.deliver(account)
    await wire.settled()
    kept = await wire.invoice(made["id"])
    assert kept is not None
    assert kept.memo == "Half damaged"
    assert await wire.parents() == []


@pytest.mark.usefixtures("worker")
async def test_event_that_failed_is_tried_again_by_itself(wire: Wire, account: Account) -> None:
    customer = account.api.customer()
    account.misfortune("500", "GET", f"/v1/customers/{customer['id']}$")
    await wire.deliver(account)
    [row] = await wire.settled()
    assert (row.state, row.attempts, row.error) == ("applied", 2, None)


@pytest.mark.long
async def test_events_while_the_worker_is_dead_are_applied_when_it_is_back(
    wire: Wire,
    account: Account,
    environ: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    worker = WorkerProcess(environ, tmp_path_factory.mktemp("killed") / "log")
    await wire.listen()
    await worker.start()
    for _ in range(30):
        account.api.customer()
    made = account.overdue_invoice()
    account.api.post(f"invoices/{made['id']}", {"description": "Half damaged"})
    await wire.deliver(account)

    async def begun() -> bool:
        return any(row.state == "applied" for row in await wire.events())

    await eventually(begun, "the first event")
    worker.kill()
    assert any(row.state == "waiting" for row in await wire.events())
    await worker.start()
    rows = await wire.settled(seconds=60)
    assert {row.attempts for row in rows if row.state == "applied"} == {1}
    run = await wire.started()
    assert (await wire.desk.finished(RunId(run.id))).counts.proposed == 1
    assert len(await wire.parents()) == 1
    assert worker.stop() == 0
