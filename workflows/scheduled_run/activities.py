"""Asks the domain for the run of a firing; the outbox starts it as any other."""

from temporalio import activity

from backend.runs.triggering import fire_schedule
from workflows.contracts import ScheduledRunInput
from workflows.runtime.resources import transaction


@activity.defn
async def request_scheduled_run(given: ScheduledRunInput) -> None:
    """Request the run once per firing: the workflow's id ends with the time for which it was started."""
    firing = activity.info().workflow_id or ""
    async with transaction(given.org_id) as session:
        await fire_schedule(session, given.playbook_id, firing)
