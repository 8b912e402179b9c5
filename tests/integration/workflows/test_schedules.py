"""Schedules on the real engine: they fire in the name of who switched them on, once per time, and stop when told to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import delete, select
from temporalio.client import Client

from backend.core.clock import now
from backend.core.settings import Settings
from backend.playbooks.service import get_playbook, publish
from backend.playbooks.switching import Switch, switch, switches_of
from backend.playbooks.triggers import Schedule, TriggerKind, scheduled
from backend.runs.models import RunRow
from backend.runs.trigger_models import FiringRow
from tenancy.audit import AuditAction
from tenancy.models.change import AuditEvent
from tenancy.models.organization import Membership, TeamMember
from tenancy.session import tenant
from tests.definitions import quick
from tests.desk import Desk, OpenDesk
from tests.waiting import eventually
from tests.worker import WorkerProcess
from workflows.client import connect
from workflows.contracts import Process

EVERY_SECOND = Schedule(every_seconds=1)


@dataclass(frozen=True)
class Clockwork:
    """A desk whose playbook may be started by the clock."""

    desk: Desk

    async def turn(self, *, on: bool) -> Switch:
        desk = self.desk
        async with tenant(desk.database, desk.lead.tenant) as session:
            kind = TriggerKind.SCHEDULE
            return await switch(session, desk.lead, desk.playbook.id, kind, enabled=on)

    async def switch(self) -> Switch:
        async with tenant(self.desk.database, self.desk.context) as session:
            [_, own] = await switches_of(session, self.desk.playbook.id)
        return own

    async def runs(self) -> Sequence[RunRow]:
        async with tenant(self.desk.database, self.desk.context) as session:
            return (await session.scalars(select(RunRow).order_by(RunRow.id))).all()

    async def firings(self) -> Sequence[FiringRow]:
        async with tenant(self.desk.database, self.desk.context) as session:
            return (await session.scalars(select(FiringRow).order_by(FiringRow.at))).all()

    async def fired(self, times: int) -> Sequence[FiringRow]:
        async def look() -> Sequence[FiringRow] | None:
            found = await self.firings()
            return found if len(found) >= times else None

        return await eventually(look, f"{times} firings")

    async def next_run(self) -> bool:
        desk = self.desk
        return await desk.workflows.next_run(desk.org_id, desk.playbook.id) is not None

    async def stopped(self) -> bool:
        return not await self.next_run()


@pytest.fixture
async def clockwork(opened: OpenDesk) -> Clockwork:
    definition = quick()
    return Clockwork(
        await opened(definition=replace(definition, triggers=(scheduled(EVERY_SECOND),)))
    )


@pytest.mark.usefixtures("worker")
async def test_schedule_when_switched_on_then_runs_in_the_name_of_who_did(
    clockwork: Clockwork,
) -> None:
    assert not (await clockwork.switch()).enabled
    await clockwork.turn(on=True)
    firings = await clockwork.fired(2)
    runs = await clockwork.runs()
    desk = clockwork.desk
    assert {row.requested_by for row in runs} == {desk.lead.user_id}
    assert {one.run_id for one in firings} - {None} <= {row.id for row in runs}
    moment = await desk.workflows.next_run(desk.org_id, desk.playbook.id)
    assert moment is not None
    assert (moment - now()).total_seconds() < 2
    await clockwork.turn(on=False)


@pytest.mark.usefixtures("worker")
async def test_schedule_when_switched_off_then_is_gone(clockwork: Clockwork) -> None:
    await clockwork.turn(on=True)
    await clockwork.fired(1)
    await clockwork.turn(on=False)
    await eventually(clockwork.stopped, "the end of the schedule")
    before = len(await clockwork.firings())
    await clockwork.turn(on=True)
    await clockwork.fired(before + 1)
    await clockwork.turn(on=False)
    await eventually(clockwork.stopped, "the end of the schedule")


@pytest.mark.usefixtures("worker")
async def test_schedule_when_a_new_version_is_due_at_other_times_then_follows(
    clockwork: Clockwork,
) -> None:
    desk = clockwork.desk
    await clockwork.turn(on=True)
    await eventually(clockwork.next_run, "the schedule")
    at_night = scheduled(Schedule(at="02:30", time_zone="Europe/Berlin", working_days=True))
    async with tenant(desk.database, desk.lead.tenant) as session:
        playbook = await get_playbook(session, desk.playbook.id)
        await publish(session, playbook, replace(playbook.definition, triggers=(at_night,)))

    async def at_half_past() -> bool:
        moment = await desk.workflows.next_run(desk.org_id, desk.playbook.id)
        return moment is not None and (moment.minute, moment.second) == (30, 0)

    await eventually(at_half_past, "the new time")
    await clockwork.turn(on=False)
    await eventually(clockwork.stopped, "the end of the schedule")


@pytest.mark.usefixtures("worker")
async def test_schedule_of_a_removed_member_then_is_switched_off_and_says_why(
    clockwork: Clockwork,
) -> None:
    desk = clockwork.desk
    await clockwork.turn(on=True)
    await clockwork.fired(1)
    async with tenant(desk.database, desk.context) as session:
        for table in (TeamMember, Membership):
            await session.execute(delete(table).where(table.user_id == desk.lead.user_id))

    async def is_off() -> Switch | None:
        found = await clockwork.switch()
        return None if found.enabled else found

    found = await eventually(is_off, "the switch to be off")
    assert found.off_reason == "Who switched it on does not belong to the organization any more"
    assert found.enabled_by_name is None
    await eventually(clockwork.stopped, "the end of the schedule")
    async with tenant(desk.database, desk.context) as session:
        action = AuditEvent.action == AuditAction.TRIGGER_DISABLED
        [entry] = (await session.scalars(select(AuditEvent).where(action))).all()
    assert (entry.actor_id, entry.subject_id) == (None, desk.playbook.id)
    assert entry.details == {"kind": "schedule", "why": found.off_reason}


@pytest.mark.long
async def test_schedule_when_the_worker_is_killed_then_fires_once_per_time(
    clockwork: Clockwork,
    environ: dict[str, str],
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    worker = WorkerProcess(environ, tmp_path_factory.mktemp("killed") / "log")
    await worker.start()
    await clockwork.turn(on=True)
    await clockwork.fired(1)
    worker.kill()
    before = len(await clockwork.firings())
    await worker.start()
    firings = await clockwork.fired(before + 2)
    await clockwork.turn(on=False)
    await eventually(clockwork.stopped, "the end of the schedule")
    assert worker.stop() == 0
    client: Client = await connect(settings)
    org_id, keys = clockwork.desk.org_id, {one.key for one in firings}
    assert all(key.startswith(f"{Process.SCHEDULED_RUN}/{org_id}/") for key in keys)
    assert await client.get_workflow_handle(firings[0].key).describe() is not None
    made = [row.id for row in await clockwork.runs() if row.parent_run_id is None]
    fired = [one.run_id for one in await clockwork.firings() if one.run_id is not None]
    assert sorted(made) == sorted(fired)
