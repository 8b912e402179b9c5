"""What is left to do when the engine cancels a workflow: the run's last steps and, unless that was done, its end."""

from dataclasses import asdict

from temporalio import activity

from backend.proposals import ending
from backend.runs.service import Step, add_step
from workflows.contracts import StepNote, Steps, Stopped
from workflows.runtime.resources import transaction


@activity.defn
async def stop_run(last: Steps) -> Stopped:
    """Keep what the run has done until now and end it, unless the domain says that it must go on."""
    async with transaction(last.org_id) as session:
        for note in last.steps:
            await add_step(session, last.run_id, step_of(note))
        return Stopped(await ending.end_stopped(session, last.run_id))


def step_of(note: StepNote) -> Step:
    """A workflow's note as the domain keeps it."""
    return Step(**asdict(note))
