"""Brings a playbook's schedule in the engine to what the database says; repeating it does no harm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import client as engine
from temporalio.client import Client
from temporalio.common import Priority
from temporalio.service import RPCError, RPCStatusCode

from backend.core.db import Database
from backend.core.ids import OrgId, PlaybookId
from backend.playbooks.switching import schedule_of
from backend.playbooks.triggers import Schedule
from tenancy.context import TenantContext
from tenancy.session import tenant
from workflows import search_attributes
from workflows.contracts import Process, ScheduledRunInput, schedule_id, workflow_id
from workflows.queues import DEFAULT, STEP_WITHIN

# A firing that the engine slept through is made up for when it is no older than this.
_CATCH_UP = timedelta(minutes=5)
_CALL = timedelta(seconds=3)
_WORKING_DAYS = engine.ScheduleRange(1, 5)  # Sunday is 0
_EVERY_DAY = engine.ScheduleRange(0, 6)


async def apply_schedule(
    client: Client, database: Database, org_id: OrgId, playbook_id: PlaybookId
) -> None:
    """Create, change or remove the playbook's schedule.

    The switch stays locked meanwhile, so that an older state never overtakes a newer one.
    """
    async with tenant(database, TenantContext(org_id)) as session:
        wanted = await schedule_of(session, playbook_id)
        if wanted is None:
            await _remove(client, org_id, playbook_id)
        else:
            await _keep(client, org_id, playbook_id, wanted)


async def next_run(client: Client, org_id: OrgId, playbook_id: PlaybookId) -> datetime | None:
    """When the schedule fires next; None without one."""
    handle = client.get_schedule_handle(schedule_id(org_id, playbook_id))
    try:
        described = await handle.describe(rpc_timeout=_CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return next(iter(described.info.next_action_times), None)


async def _keep(client: Client, org_id: OrgId, playbook_id: PlaybookId, wanted: Schedule) -> None:
    own_id, schedule = schedule_id(org_id, playbook_id), _schedule(org_id, playbook_id, wanted)
    try:
        await client.create_schedule(own_id, schedule, rpc_timeout=_CALL)
    except engine.ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(own_id)
        await handle.update(_Instead(schedule), rpc_timeout=_CALL)


async def _remove(client: Client, org_id: OrgId, playbook_id: PlaybookId) -> None:
    handle = client.get_schedule_handle(schedule_id(org_id, playbook_id))
    try:
        await handle.delete(rpc_timeout=_CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


@dataclass(frozen=True, slots=True)
class _Instead:
    """The whole of a schedule in place of the one that is there."""

    schedule: engine.Schedule

    def __call__(self, _: engine.ScheduleUpdateInput) -> engine.ScheduleUpdate:
        return engine.ScheduleUpdate(schedule=self.schedule)


def _schedule(org_id: OrgId, playbook_id: PlaybookId, wanted: Schedule) -> engine.Schedule:
    action = engine.ScheduleActionStartWorkflow(
        Process.SCHEDULED_RUN,
        ScheduledRunInput(org_id, playbook_id),
        id=workflow_id(Process.SCHEDULED_RUN, org_id, playbook_id),
        task_queue=DEFAULT,
        task_timeout=STEP_WITHIN,
        typed_search_attributes=search_attributes.at_start(org_id, playbook_id),
        priority=Priority(fairness_key=str(org_id)),
    )
    policy = engine.SchedulePolicy(
        overlap=engine.ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP
    )
    return engine.Schedule(action=action, spec=_spec(wanted), policy=policy)


def _spec(wanted: Schedule) -> engine.ScheduleSpec:
    if wanted.every_seconds is not None:
        every = timedelta(seconds=wanted.every_seconds)
        return engine.ScheduleSpec(intervals=[engine.ScheduleIntervalSpec(every=every)])
    hour, minute = wanted.time_of_day or (0, 0)
    calendar = engine.ScheduleCalendarSpec(
        hour=[engine.ScheduleRange(hour)],
        minute=[engine.ScheduleRange(minute)],
        day_of_week=[_WORKING_DAYS if wanted.working_days else _EVERY_DAY],
    )
    return engine.ScheduleSpec(calendars=[calendar], time_zone_name=wanted.time_zone)
