"""One firing of a playbook's schedule. It only requests the run, so that the engine decides nothing about rights."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.contracts import Process, ScheduledRunInput
    from workflows.runtime import policies
    from workflows.scheduled_run import activities


@workflow.defn(name=Process.SCHEDULED_RUN)
class ScheduledRun:
    """Its id is that of the playbook with the time of the firing behind it."""

    @workflow.run
    async def run(self, given: ScheduledRunInput) -> None:
        """Request the run."""
        await workflow.execute_activity(
            activities.request_scheduled_run, given, **policies.DATABASE
        )
