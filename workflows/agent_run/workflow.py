"""One candidate from the first look to the recorded effect: draft, verify, propose, wait for people, carry out.

The database decides what is true: a wake-up only makes the run look at it again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from backend.core.ids import ProposalId, QuestionId
    from backend.core.logging import describe
    from workflows import search_attributes
    from workflows.agent_run import activities, notes, questions, undoing
    from workflows.agents.deps import Deps
    from workflows.agents.drafting import Drafting, DraftingError
    from workflows.agents.replying import reply
    from workflows.agents.rooms import ROOMS
    from workflows.contracts import (
        SETTLED,
        WAKE,
        AgentRunInput,
        Answered,
        AttemptNote,
        DraftChange,
        DraftToCheck,
        DraftToPropose,
        Ending,
        LostSight,
        Process,
        ProposalRef,
        QuestionAsked,
        QuestionRef,
        RunRef,
        Settled,
        StandingNote,
        StepNote,
        Steps,
        Verdicts,
        workflow_id,
    )
    from workflows.runtime import policies
    from workflows.runtime.failures import code_of, sentence
    from workflows.stopping import stop_run

T = TypeVar("T")
_SOON = timedelta(milliseconds=200)  # the database's clock may be a little behind the engine's
_AGAIN = timedelta(minutes=1)
_FAILED = ("failed", "unknown")


@workflow.defn(name=Process.AGENT_RUN)
class AgentRun:
    """Waits for people for as long as it takes; silence never approves."""

    @workflow.init
    def __init__(self, given: AgentRunInput) -> None:
        self._given = given
        self._org_id, self._run_id = given.org_id, given.run_id
        self._wakes = 0
        self._seen = 0
        self._drafting: Drafting | None = None
        self._answering: asyncio.Task[None] | None = None

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """Something may have changed in the database."""
        self._wakes += 1

    @workflow.run
    async def run(self, given: AgentRunInput) -> None:
        """From the first look to the end; cancelled, it ends at once unless something approved hangs on it."""
        try:
            await self._propose_and_see_through(given.proposal_id)
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
            steps = self._drafting.unfinished if self._drafting else ()
            last = Steps(self._org_id, self._run_id, steps)
            stopped = await asyncio.shield(
                workflow.execute_activity(stop_run, last, **policies.DATABASE)
            )
            if stopped.proposal_id is None:
                self._show("cancelled")
                raise
            await self._propose_and_see_through(stopped.proposal_id)

    async def _propose_and_see_through(self, proposal_id: ProposalId | None) -> None:
        """Propose unless that was done before, tell the parent, see the proposal through."""
        if proposal_id is None:
            undo = self._given.undo
            part = self._propose_undo() if undo else self._look_and_propose()
            proposal_id = await self._or_end(part)
            if not undo:
                await self._tell_parent()
        if proposal_id is not None:
            proposal = ProposalRef(self._org_id, self._run_id, proposal_id)
            await self._or_end(self._see_through(proposal))

    async def _or_end(self, part: Awaitable[T]) -> T | None:
        """The part's result; when it breaks, the run ends with the reason."""
        try:
            return await part
        except DraftingError as error:
            await self._end(error=str(error), steps=error.steps)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            await self._end(error=sentence(error), ended=code_of(error) == "run_ended")
        return None

    async def _look_and_propose(self) -> ProposalId | None:
        assignment = await workflow.execute_activity(
            activities.read_subject, RunRef(self._org_id, self._run_id), **policies.FIRST_LOOK
        )
        if assignment.obsolete is not None:
            await self._end(outcome=f"Nothing to do: {assignment.obsolete}")
            return None
        deps = Deps(self._org_id, assignment.requested_by, self._run_id, assignment.model)
        self._drafting = Drafting(ROOMS[assignment.agent], deps, assignment.prompt)
        return await self._propose_after_corrections(self._drafting, assignment.max_corrections)

    async def _propose_undo(self) -> ProposalId | None:
        """Propose what undoes an executed proposal. No agent is asked: the inverse follows from what was done."""
        run = RunRef(self._org_id, self._run_id)
        draft = await workflow.execute_activity(undoing.draft_undo, run, **policies.DATABASE)
        verdicts = await self._verify(draft, 1)
        proposal_id, refusal = None, verdicts.feedback
        if verdicts.passed:
            attempt = AttemptNote(1, notes.in_words(draft), verdicts.notes)
            proposal_id, refusal = await self._propose(draft, (attempt,))
        if proposal_id is None:
            await self._end(error=f"It cannot be undone: {' '.join(refusal)}")
        return proposal_id

    async def _propose_after_corrections(
        self, drafting: Drafting, corrections: int
    ) -> ProposalId | None:
        attempts: tuple[AttemptNote, ...] = ()
        for number in range(1, corrections + 2):
            draft = await self._draft(drafting, number)
            if draft.action is None:
                await self._end(outcome=f"Nothing to do: {draft.summary}")
                return None
            verdicts = await self._verify(draft, number)
            attempts += (AttemptNote(number, notes.in_words(draft), verdicts.notes),)
            proposal_id, refusal = None, verdicts.feedback
            if verdicts.passed:
                proposal_id, refusal = await self._propose(draft, attempts)
            if proposal_id is not None:
                return proposal_id
            drafting.refuse(refusal)
        why = f"No draft passed the checks after {corrections} corrections: {' '.join(refusal)}"
        await self._end(error=why)
        return None

    async def _draft(self, drafting: Drafting, number: int) -> DraftChange:
        began = workflow.now()
        thought = await drafting.attempt()
        steps = (*thought.steps, *notes.of_draft(thought.draft, number, began, workflow.now()))
        await workflow.execute_activity(
            activities.note_steps, Steps(self._org_id, self._run_id, steps), **policies.DATABASE
        )
        return thought.draft

    async def _verify(self, draft: DraftChange, number: int) -> Verdicts:
        check = DraftToCheck(self._org_id, self._run_id, number, draft)
        return await workflow.execute_activity(
            activities.verify_draft, check, **policies.OUTSIDE_READ
        )

    async def _propose(
        self, draft: DraftChange, attempts: tuple[AttemptNote, ...]
    ) -> tuple[ProposalId | None, tuple[str, ...]]:
        """The proposal, or why it was refused at the last moment: another run may have been faster."""
        given = DraftToPropose(self._org_id, self._run_id, draft, attempts)
        try:
            proposed = await workflow.execute_activity(
                activities.propose_draft, given, **policies.OUTSIDE_READ
            )
        except ActivityError as error:
            if code_of(error) != "draft_refused":
                raise
            return None, (sentence(error),)
        self._show("waiting", risk=proposed.risk)
        return proposed.proposal_id, ()

    async def _see_through(self, proposal: ProposalRef) -> None:
        began = workflow.now()
        standing = await self._ask(activities.look, proposal, policies.DATABASE)
        while (step := self._next_step(standing)) is not None:
            standing = await step(proposal, standing)
            if standing.decision != "pending":
                self._stop_answering()
        waited = notes.of_wait(standing, began, workflow.now())
        failed = standing.execution in _FAILED
        await self._end(
            outcome=None if failed else standing.sentence,
            error=standing.sentence if failed else None,
            steps=(waited,),
        )

    def _next_step(
        self, standing: StandingNote
    ) -> Callable[[ProposalRef, StandingNote], Awaitable[StandingNote]] | None:
        match (standing.decision, standing.execution):
            case ("pending", _):
                return self._wait_for_people
            case ("approved", "queued"):
                return self._claim
            case ("approved", "executing"):
                return self._carry_out
            case _:
                return None

    async def _wait_for_people(self, proposal: ProposalRef, standing: StandingNote) -> StandingNote:
        if workflow.info().is_continue_as_new_suggested() and self._answering is None:
            workflow.continue_as_new(replace(self._given, proposal_id=proposal.proposal_id))
        if standing.question_id is not None and self._answering is None:
            self._answering = asyncio.create_task(self._answer(proposal, standing.question_id))
        if await self._woken_before(standing.due_at):
            return await self._ask(activities.look, proposal, policies.DATABASE)
        return await self._ask(activities.keep_time, proposal, policies.DATABASE)

    async def _answer(self, proposal: ProposalRef, question_id: QuestionId) -> None:
        """Let the agent answer while people go on deciding; then there is something new to look at."""
        ref = QuestionRef(self._org_id, self._run_id, proposal.proposal_id, question_id)
        try:
            asked = await workflow.execute_activity(
                questions.read_question, ref, **policies.DATABASE
            )
            answered = await self._reply(ref, asked)
            await workflow.execute_activity(
                questions.answer_question, answered, **policies.OUTSIDE_READ
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("a question could not be answered: %s", code_of(error))
            await workflow.sleep(_AGAIN)
        finally:
            self._answering = None
            self._wakes += 1

    async def _reply(self, ref: QuestionRef, asked: QuestionAsked) -> Answered:
        deps = Deps(self._org_id, asked.requested_by, self._run_id, asked.model)
        given = Answered(ref.org_id, ref.run_id, ref.proposal_id, ref.question_id, "")
        try:
            said = await reply(
                ROOMS[asked.agent], deps, asked.prompt, f"question-{ref.question_id}"
            )
        except DraftingError as error:
            why = f"The model gave no answer: {error}"
            return replace(given, text=why, failed=True, steps=error.steps)
        return replace(
            given, text=said.text, evidence=said.evidence, draft=said.draft, steps=said.steps
        )

    def _stop_answering(self) -> None:
        """It is decided: nobody waits for the agent's words any more."""
        if self._answering is not None:
            self._answering.cancel()

    async def _claim(self, proposal: ProposalRef, standing: StandingNote) -> StandingNote:
        held_until = standing.dispatch_after
        held = held_until is not None and held_until > workflow.now()
        if held and await self._woken_before(held_until):
            return await self._ask(activities.look, proposal, policies.DATABASE)
        try:
            return await self._ask(activities.claim_effect, proposal, policies.CLAIM)
        except ActivityError as error:
            if code_of(error) != "held":
                raise
        await workflow.sleep(_SOON)
        return await self._ask(activities.look, proposal, policies.DATABASE)

    async def _carry_out(self, proposal: ProposalRef, standing: StandingNote) -> StandingNote:
        del standing
        self._show("executing")
        try:
            return await self._ask(activities.carry_out_effect, proposal, policies.EFFECT)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            lost = LostSight(self._org_id, self._run_id, proposal.proposal_id, sentence(error))
            return await workflow.execute_activity(activities.lose_sight, lost, **policies.DATABASE)

    async def _ask(
        self,
        activity: Callable[[ProposalRef], Awaitable[StandingNote]],
        proposal: ProposalRef,
        policy: workflow.ActivityConfig,
    ) -> StandingNote:
        self._seen = self._wakes  # a wake-up during the activity must lead to another look
        return await workflow.execute_activity(activity, proposal, **policy)

    async def _woken_before(self, moment: datetime | None) -> bool:
        timeout = None if moment is None else max(moment - workflow.now(), _SOON)
        try:
            await workflow.wait_condition(lambda: self._wakes > self._seen, timeout=timeout)
        except TimeoutError:
            return False
        return True

    async def _tell_parent(self) -> None:
        parent = workflow_id(Process.PLAYBOOK_RUN, self._org_id, self._given.parent_run_id)
        try:
            await workflow.get_external_workflow_handle(parent).signal(
                SETTLED, Settled(self._run_id)
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.info("the parent has ended already: %s", describe(error))

    def _show(self, state: str, risk: int | None = None) -> None:
        workflow.upsert_search_attributes([search_attributes.STATE.value_set(state)])
        if risk is not None:
            workflow.upsert_search_attributes([search_attributes.RISK.value_set(risk)])

    async def _end(
        self,
        *,
        outcome: str | None = None,
        error: str | None = None,
        steps: tuple[StepNote, ...] = (),
        ended: bool = False,
    ) -> None:
        ending = Ending(self._org_id, self._run_id, outcome, error, steps)
        await workflow.execute_activity(activities.end_run, ending, **policies.DATABASE)
        self._show("cancelled" if ended else "failed" if error else "completed")
