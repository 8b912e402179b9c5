"""What a run asks of the domain when it is to undo an executed proposal."""

from temporalio import activity

from backend.core.clock import now
from backend.proposals import undoing
from backend.runs.service import Step, add_step, begin
from workflows.contracts import DraftChange, EvidenceNote, RunRef
from workflows.runtime.resources import current, transaction


@activity.defn
async def draft_undo(run: RunRef) -> DraftChange:
    """Begin the run: the inverse of what was executed, as a draft with the reason of who asked for it."""
    began = now()
    async with transaction(run.org_id) as session:
        await begin(session, run.run_id)
        undo = await undoing.undo_of(session, current().connectors, run.run_id)
        draft = DraftChange(
            action=undo.inverse.action,
            parameters=dict(undo.inverse.parameters),
            summary=f"undoes what was executed: {undo.original.sentence}",
            reasoning=f"{undo.asked_by} asked for it: {undo.reason}",
            plan=("Take what was executed", "Propose its inverse"),
            evidence=(
                EvidenceNote(
                    undo.original.target_kind,
                    undo.original.target_source_id,
                    f"was changed by: {undo.original.sentence}",
                ),
            ),
            confidence=1.0,
        )
        name = activity.info().activity_type
        step = Step("draft-1", "draft", name, draft.summary, began, now())
        await add_step(session, run.run_id, step)
    return draft
