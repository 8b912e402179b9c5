"""The agent's answer to a person's question about its proposal. Called from the workflow; all I/O is in activities."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic_ai import AgentRunResult, ToolOutput, capture_run_messages
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.usage import UsageLimits
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows.agents import trace
from workflows.agents.answers import REPLY, Reply
from workflows.agents.deps import Deps
from workflows.agents.drafting import DraftingError, draft_of
from workflows.agents.outages import in_words
from workflows.agents.room import Room
from workflows.contracts import DraftChange, EvidenceNote, StepNote

_LIMITS = UsageLimits(request_limit=6, tool_calls_limit=16)


@dataclass(frozen=True)
class Replied:
    """What the agent said: words with evidence, or the draft that it would rather propose."""

    text: str
    evidence: tuple[EvidenceNote, ...]
    draft: DraftChange | None
    steps: tuple[StepNote, ...]


async def reply(room: Room, deps: Deps, prompt: str, key: str) -> Replied:
    """Let the agent look again and answer. Raises :class:`DraftingError`. ``key`` begins the keys of the steps."""
    choices = [ToolOutput(kind, name=name) for kind, name in room.tool_names.items()]
    names = frozenset({REPLY, *room.tool_names.values()})
    with capture_run_messages() as messages:
        try:
            result: AgentRunResult[Any] = await room.agent.run(
                prompt,
                output_type=[ToolOutput(Reply, name=REPLY), *choices],
                deps=deps,
                model=deps.model,
                usage_limits=_LIMITS,
            )
        except (asyncio.CancelledError, AgentRunError, UserError, ActivityError) as error:
            if is_cancelled_exception(error):
                raise
            steps = trace.steps_of(messages, under=key, model=deps.model, answers=names)
            raise DraftingError(in_words(error), steps) from error
    steps = trace.steps_of(result.new_messages(), under=key, model=deps.model, answers=names)
    said = result.output
    if isinstance(said, Reply):
        cited = tuple(EvidenceNote(e.kind, e.record_id, e.claim) for e in said.evidence)
        return Replied(said.text, cited, None, steps)
    draft = draft_of(said)
    return Replied(draft.reasoning, draft.evidence, draft, steps)
