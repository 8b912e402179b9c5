"""The conversation with the agent over the attempts of one run. Called from the workflow; all I/O is in activities."""

import asyncio
from dataclasses import dataclass

from pydantic_ai import capture_run_messages
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.usage import UsageLimits
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows.agents import trace
from workflows.agents.answers import Choice
from workflows.agents.deps import Deps
from workflows.agents.feedback import tell
from workflows.agents.outages import in_words
from workflows.agents.room import Room
from workflows.contracts import DraftChange, EvidenceNote, StepNote

_LIMITS = UsageLimits(request_limit=10, tool_calls_limit=24)
_COMMON = frozenset(Choice.model_fields)


class DraftingError(Exception):
    """The model gave no usable answer; ``steps`` is what happened until then."""

    def __init__(self, message: str, steps: tuple[StepNote, ...]) -> None:
        super().__init__(message)
        self.steps = steps


@dataclass(frozen=True)
class Thought:
    """One attempt: the draft and the steps that led to it."""

    draft: DraftChange
    steps: tuple[StepNote, ...]


class Drafting:
    """One agent at work on one record. Each attempt continues the conversation of the one before."""

    def __init__(self, room: Room, deps: Deps, assignment: str) -> None:
        self._room = room
        self._deps = deps
        self._prompt = assignment
        self._messages: list[ModelMessage] = []
        self._attempts = 0
        self.unfinished: tuple[StepNote, ...] = ()

    async def attempt(self) -> Thought:
        """Let the agent look and answer. Raises :class:`DraftingError`.

        When it is cancelled, ``unfinished`` holds what had happened: the model calls are paid for.
        """
        self._attempts += 1
        known = len(self._messages)
        with capture_run_messages() as messages:
            try:
                result = await self._room.agent.run(
                    self._prompt,
                    deps=self._deps,
                    model=self._deps.model,
                    message_history=self._messages,
                    usage_limits=_LIMITS,
                )
            except (asyncio.CancelledError, AgentRunError, UserError, ActivityError) as error:
                if is_cancelled_exception(error):
                    self.unfinished = self._steps(messages[known:])
                    raise
                raise DraftingError(in_words(error), self._steps(messages[known:])) from error
        self._messages = result.all_messages()
        return Thought(draft_of(result.output), self._steps(result.new_messages()))

    def refuse(self, messages: tuple[str, ...]) -> None:
        """Tell the agent precisely what is wrong; the next attempt answers to it."""
        self._prompt = tell(messages)

    def _steps(self, messages: list[ModelMessage]) -> tuple[StepNote, ...]:
        return trace.steps_of(
            messages,
            under=f"attempt-{self._attempts}",
            model=self._deps.model,
            answers=frozenset(self._room.tool_names.values()),
        )


def draft_of(answer: Choice) -> DraftChange:
    """The agent's answer as the domain takes it; parameters are what the answer has beyond all answers."""
    return DraftChange(
        action=answer.action,
        parameters=answer.model_dump(mode="json", exclude=set(_COMMON)),
        summary=answer.summary,
        reasoning=answer.reasoning,
        plan=tuple(answer.plan),
        evidence=tuple(EvidenceNote(e.kind, e.record_id, e.claim) for e in answer.evidence),
        confidence=answer.confidence,
    )
