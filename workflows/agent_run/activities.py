"""What an agent run asks of the domain: each activity loads, calls one service and translates its answer."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from backend.core.clock import now
from backend.core.ids import QuestionId, RunId
from backend.playbooks.service import get_playbook
from backend.proposals import asking, effects, proposing, repository, timekeeping
from backend.proposals.evidence import EvidenceClaim
from backend.proposals.proposing import Draft
from backend.runs.service import RunState, Step, add_step, begin, set_state
from backend.verification.ladder import Verdict
from workflows.agent_run.live import cited_payments, links_to, obsolete, opened, target_now
from workflows.agent_run.outcome import outcome_of
from workflows.agents.subject import subject_of
from workflows.contracts import (
    Assignment,
    DraftChange,
    DraftToCheck,
    DraftToPropose,
    Ending,
    LostSight,
    ProposalRef,
    Proposed,
    RunRef,
    StandingNote,
    Steps,
    VerdictNote,
    Verdicts,
)
from workflows.runtime.resources import context_of, current, transaction
from workflows.stopping import step_of


@activity.defn
async def read_subject(run: RunRef) -> Assignment:
    """Begin the run: look at its record live and say what the agent is to decide, or why nothing is."""
    began = now()
    async with transaction(run.org_id) as session:
        await begin(session, run.run_id)
        subject = await subject_of(session, run.run_id)
        version = subject.run.playbook_version
        playbook = await get_playbook(session, subject.run.playbook_id, version)
        other = await repository.open_on_record(session, subject.target.id)
    target, record = subject.target.record, subject.kept.record
    if other is not None and other.run_id != run.run_id:
        why_not: str | None = f"another proposal on {target.kind} {target.label} is still open"
    else:
        why_not = await obsolete(subject)
    async with transaction(run.org_id) as session:
        summary = f"Read {record.kind} {record.label} of {record.party}"
        await _step(session, run.run_id, "read", summary, began)
    goal = f"{playbook.name}. {playbook.definition.goal}\n{playbook.definition.instructions}"
    return Assignment(
        requested_by=subject.run.requested_by,
        model=subject.run.model,
        prompt=f"{goal}\n\nDecide about {record.kind} {record.label} of {record.party}.",
        max_corrections=playbook.definition.max_corrections,
        obsolete=why_not,
        agent=playbook.definition.agent,
    )


@activity.defn
async def note_steps(steps: Steps) -> None:
    """Write what happened inside the agent into the trace."""
    async with transaction(steps.org_id) as session:
        for note in steps.steps:
            await add_step(session, steps.run_id, step_of(note))


@activity.defn
async def verify_draft(check: DraftToCheck) -> Verdicts:
    """The verification ladder on a draft, against the record as it is now."""
    began = now()
    async with opened(check.org_id, check.run_id) as (adapter, subject):
        live = await target_now(adapter, subject)
    async with transaction(check.org_id) as session:
        found = await proposing.verify(
            session, current().connectors, check.run_id, live, _draft(check.draft)
        )
        verdicts = Verdicts(tuple(VerdictNote(v.level, v.passed, v.messages) for v in found))
        summary = " ".join(verdicts.feedback) or f"Passed {', '.join(v.level for v in found)}"
        state = "done" if verdicts.passed else "failed"
        key = f"verify-{check.attempt}"
        await _step(session, check.run_id, "verify", summary, began, key=key, state=state)
    return verdicts


@activity.defn
async def propose_draft(given: DraftToPropose) -> Proposed:
    """Seal the draft and ask people; asking again gives the same proposal."""
    began = now()
    draft = _draft(given.draft)
    async with opened(given.org_id, given.run_id) as (adapter, subject):
        live = await target_now(adapter, subject)
        links = links_to(adapter, subject, draft.evidence)
        payments = await cited_payments(adapter, subject, draft.evidence)
    attempts = [
        proposing.Attempt(
            note.number,
            note.draft,
            tuple(Verdict(v.level, v.passed, v.messages) for v in note.verdicts),
        )
        for note in given.attempts
    ]
    async with transaction(given.org_id) as session:
        proposal_id = await proposing.propose(
            session,
            current().connectors,
            given.run_id,
            live,
            draft,
            attempts=attempts,
            links=links,
            payments=payments,
        )
        [view] = await repository.of_run(session, given.run_id)
        await _step(session, given.run_id, "propose", view.row.sentence, began)
    return Proposed(proposal_id, view.row.risk_score)


@activity.defn
async def look(proposal: ProposalRef) -> StandingNote:
    """How the proposal stands now, from the database."""
    return await standing_of(proposal)


@activity.defn(name="expire_proposal")
async def keep_time(proposal: ProposalRef) -> StandingNote:
    """Remind, escalate or end what nobody has decided, as far as its time has come."""
    database = current().database
    await timekeeping.keep_time(database, context_of(proposal.org_id), proposal.proposal_id)
    return await standing_of(proposal)


@activity.defn
async def claim_effect(proposal: ProposalRef) -> StandingNote:
    """Check everything again and commit the intent, or find the proposal stale."""
    began, resources = now(), current()
    await effects.claim(
        resources.database,
        resources.connectors,
        context_of(proposal.org_id),
        proposal.proposal_id,
    )
    standing = await standing_of(proposal)
    if standing.execution == "executing":
        async with transaction(proposal.org_id) as session:
            await set_state(session, proposal.run_id, RunState.EXECUTING)
            summary = "Rights, digest and live record checked again; intent committed"
            await _step(session, proposal.run_id, "execute", summary, began, key="claim")
    return standing


@activity.defn
async def carry_out_effect(proposal: ProposalRef) -> StandingNote:
    """Send the effect, or find out what an earlier attempt has done."""
    began, resources = now(), current()
    await effects.carry_out(
        resources.database,
        resources.connectors,
        context_of(proposal.org_id),
        proposal.proposal_id,
    )
    standing = await standing_of(proposal)
    async with transaction(proposal.org_id) as session:
        state = "done" if standing.execution == "executed" else "failed"
        await _step(
            session,
            proposal.run_id,
            "execute",
            standing.sentence,
            began,
            key="carry-out",
            state=state,
        )
    return standing


@activity.defn
async def lose_sight(lost: LostSight) -> StandingNote:
    """Give up knowing what became of the effect; a person is asked."""
    database = current().database
    await effects.lose_sight(database, context_of(lost.org_id), lost.proposal_id, lost.why)
    return await standing_of(ProposalRef(lost.org_id, lost.run_id, lost.proposal_id))


@activity.defn
async def end_run(ending: Ending) -> None:
    """The run is over, with an outcome for people or the error that stopped it; an end that it has is kept."""
    state = RunState.FAILED if ending.error else RunState.COMPLETED
    async with transaction(ending.org_id) as session:
        if not await set_state(
            session, ending.run_id, state, outcome=ending.outcome, error=ending.error
        ):
            return
        for note in ending.steps:
            await add_step(session, ending.run_id, step_of(note))
        summary = ending.error or ending.outcome or "Ended"
        step_state = "failed" if ending.error else "done"
        await _step(session, ending.run_id, "record", summary, now(), state=step_state)


async def standing_of(proposal: ProposalRef) -> StandingNote:
    """The proposal as the workflow needs to know it."""
    async with transaction(proposal.org_id) as session:
        [view] = await repository.of_run(session, proposal.run_id)
        question = await asking.first_open(session, view.row)
    return StandingNote(
        decision=view.row.decision,
        execution=view.row.execution,
        sentence=outcome_of(view),
        dispatch_after=view.row.dispatch_after,
        due_at=timekeeping.next_moment(view.row),
        question_id=QuestionId(question.id) if question else None,
    )


def _draft(draft: DraftChange) -> Draft:
    return Draft(
        action=draft.action or "",
        parameters=draft.parameters,
        summary=draft.summary,
        reasoning=draft.reasoning,
        plan=draft.plan,
        evidence=tuple(EvidenceClaim(e.kind, e.record_id, e.claim) for e in draft.evidence),
        confidence=draft.confidence,
    )


async def _step(
    session: AsyncSession,
    run_id: RunId,
    kind: str,
    summary: str,
    began: datetime,
    *,
    key: str | None = None,
    state: str = "done",
) -> None:
    name = activity.info().activity_type
    await add_step(session, run_id, Step(key or kind, kind, name, summary, began, now(), state))
