"""A changed record starts a playbook that listens: once, about that record, in the name of who switched it on."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from backend.connectors import repository as records
from backend.core.ids import PlaybookId, RecordId, RunId, UserId, new_uuid
from backend.playbooks.switching import Switch, switch, switches_of
from backend.playbooks.triggers import TriggerKind
from backend.proposals.causes import is_ours
from backend.proposals.effects import effect_of
from backend.runs.models import RunRow
from backend.runs.service import RunState, set_state
from backend.runs.triggering import fire_changes
from tenancy.models.organization import Membership
from tenancy.permissions import Role
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer

EVENT = "invoice.updated"


@dataclass(frozen=True)
class Listener:
    """An organization whose playbook listens, and one of its overdue invoices."""

    proposer: Proposer
    invoice: RecordId

    async def fire(self, *, event: str = EVENT, key: str | None = None) -> list[RunId]:
        changed = {"invoice": self.invoice}
        office = self.proposer.office
        async with tenant(office.database, office.context) as session:
            return await fire_changes(session, event, changed, key or f"event/{new_uuid()}")

    async def run(self, run_id: RunId) -> RunRow:
        office = self.proposer.office
        async with tenant(office.database, office.context) as session:
            row = await session.scalar(select(RunRow).where(RunRow.id == run_id))
        assert row is not None
        return row

    async def end(self, run_id: RunId) -> None:
        office = self.proposer.office
        async with tenant(office.database, office.context) as session:
            await set_state(session, run_id, RunState.COMPLETED)

    async def switch(self) -> Switch:
        office = self.proposer.office
        async with tenant(office.database, office.context) as session:
            found = await switches_of(session, PlaybookId(office.playbook.id))
        return next(one for one in found if one.trigger.kind is TriggerKind.RECORD_CHANGED)


@pytest.fixture
async def listener(proposer: Proposer) -> Listener:
    made = proposer.account.overdue_invoice()
    await proposer._sync()
    office, kind = proposer.office, TriggerKind.RECORD_CHANGED
    lead = await office.principal("lead")
    async with tenant(office.database, lead.tenant) as session:
        await switch(session, lead, office.playbook.id, kind, enabled=True)
        kept = await records.invoice_of_source(session, proposer.connection_id, made["id"])
    return Listener(proposer, kept.id)


async def test_change_starts_a_run_about_the_record_for_who_switched_it_on(
    listener: Listener,
) -> None:
    [run_id] = await listener.fire()
    run = await listener.run(run_id)
    assert run.inputs["record_id"] == str(listener.invoice)
    assert run.requested_by == listener.proposer.office.people["lead"]


async def test_same_event_told_again_starts_nothing(listener: Listener) -> None:
    [run_id] = await listener.fire(key="event/1")
    await listener.end(run_id)
    assert await listener.fire(key="event/1") == []
    assert len(await listener.fire(key="event/2")) == 1


async def test_record_has_one_open_run_at_most(listener: Listener) -> None:
    [run_id] = await listener.fire()
    assert await listener.fire() == []
    await listener.end(run_id)
    assert len(await listener.fire()) == 1


async def test_record_with_a_waiting_proposal_is_left_alone(
    proposer: Proposer, listener: Listener
) -> None:
    view = await proposer.propose()
    about = RecordId((await listener.run(RunId(view.row.run_id))).subject_id or new_uuid())
    assert await Listener(proposer, about).fire() == []


async def test_event_that_nobody_listens_to_starts_nothing(listener: Listener) -> None:
    assert await listener.fire(event="invoice.paid") == []


async def test_record_that_the_playbook_would_not_look_at_starts_nothing(
    listener: Listener, proposer: Proposer
) -> None:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        kept = await records.invoice(session, listener.invoice)
    proposer.account.api.post(f"invoices/{kept.invoice.source_id}/void")
    await proposer._sync()
    assert await listener.fire() == []


async def test_switch_of_somebody_who_may_no_longer_turns_itself_off(
    listener: Listener, proposer: Proposer
) -> None:
    office = proposer.office
    who = UserId(office.people["lead"])
    async with tenant(office.database, office.context) as session:
        await session.execute(
            update(Membership).where(Membership.user_id == who).values(role=Role.MEMBER)
        )
    assert await listener.fire() == []
    found = await listener.switch()
    assert not found.enabled
    assert found.off_reason == "Who switched it on lacks the permission playbooks:update now"


async def test_request_under_the_id_of_an_effect_is_ours(proposer: Proposer) -> None:
    view = await proposer.claimed()
    async with tenant(proposer.office.database, proposer.office.context) as session:
        effect = await effect_of(session, view.row)
        assert await is_ours(session, str(effect.id))
        for key in (None, "", "k-1", str(new_uuid()), str(view.row.id)):
            assert not await is_ours(session, key)
