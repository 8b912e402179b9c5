"""What a run asks of the domain when a person asks its agent about the proposal."""

from dataclasses import asdict
from typing import Any

import msgspec
from temporalio import activity

from backend.core.clock import now
from backend.playbooks.service import get_playbook
from backend.proposals import asking, repository
from backend.proposals.asking import QuestionState
from backend.proposals.editing import revise_by_agent
from backend.proposals.evidence import EvidenceClaim, gather, known_ids
from backend.proposals.matter import load_matter
from backend.proposals.models import ProposalTable
from backend.runs.service import Step, add_step, load_run
from workflows.agent_run.activities import standing_of
from workflows.agent_run.live import cited_payments, links_to, opened, target_now
from workflows.agents.feedback import asked
from workflows.contracts import (
    Answered,
    ProposalRef,
    QuestionAsked,
    QuestionRef,
    StandingNote,
)
from workflows.runtime.resources import current, transaction
from workflows.stopping import step_of


@activity.defn
async def read_question(ref: QuestionRef) -> QuestionAsked:
    """The question with the proposal as it stands, for the agent that made it."""
    async with transaction(ref.org_id) as session:
        run = await load_run(session, ref.run_id)
        playbook = await get_playbook(session, run.playbook_id, run.playbook_version)
        [view] = await repository.of_run(session, ref.run_id)
        questions = await asking.questions_on(session, ref.proposal_id)
    text = next(one.text for one in questions if one.id == ref.question_id)
    return QuestionAsked(
        requested_by=run.requested_by,
        model=run.model,
        agent=playbook.definition.agent,
        prompt=asked(text, _in_words(view.row)),
    )


@activity.defn
async def answer_question(said: Answered) -> StandingNote:
    """Keep what the agent said; a draft that it would rather propose becomes a revision when it is of the same kind."""
    began = now()
    async with opened(said.org_id, said.run_id) as (adapter, subject):
        live = await target_now(adapter, subject)
        claims = [EvidenceClaim(e.kind, e.record_id, e.claim) for e in said.evidence]
        links = links_to(adapter, subject, claims)
        payments = await cited_payments(adapter, subject, claims)
    async with transaction(said.org_id) as session:
        matter = await load_matter(session, said.run_id, live, links, payments)
        row = await repository.lock(session, said.proposal_id)
        state, text = _words(said, row)
        if said.draft is not None and state is QuestionState.REVISED:
            judged = await revise_by_agent(
                session,
                current().connectors,
                said.proposal_id,
                live,
                parameters=said.draft.parameters,
                reason=text,
            )
            if judged.content is None:
                refused = [message for one in judged.verdicts for message in one.messages]
                state = QuestionState.ANSWERED
                text = f"{text} It was not revised, because: {' '.join(refused)}"
        known = known_ids(matter.subject)
        cited = gather(matter.subject, [one for one in claims if one.record_id in known])
        await asking.answer(
            session, said.question_id, state, text, [_plain(asdict(one)) for one in cited]
        )
        for note in said.steps:
            await add_step(session, said.run_id, step_of(note))
        key, name = f"answer-{said.question_id}", activity.info().activity_type
        await add_step(session, said.run_id, Step(key, "answer", name, text, began, now()))
    return await standing_of(ProposalRef(said.org_id, said.run_id, said.proposal_id))


def _words(said: Answered, row: ProposalTable) -> tuple[QuestionState, str]:
    """What becomes of the question, and the answer as people read it."""
    draft = said.draft
    if said.failed:
        return QuestionState.FAILED, said.text
    if draft is None:
        return QuestionState.ANSWERED, said.text
    if draft.action != row.action:
        return QuestionState.ANSWERED, f"I would not propose this any more. {said.text}"
    if draft.parameters == row.parameters:
        return QuestionState.ANSWERED, f"I would propose the same again. {said.text}"
    return QuestionState.REVISED, said.text


def _in_words(row: ProposalTable) -> str:
    parameters = msgspec.json.encode(row.parameters).decode()
    return f"Your proposal: {row.sentence}.\nIts parameters: {parameters}\nYour reasons: {row.reasoning}"


def _plain(evidence: dict[str, Any]) -> dict[str, object]:
    return {**evidence, "facts": [list(pair) for pair in evidence["facts"]]}
