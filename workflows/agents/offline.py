"""The offline model of every agent: calls the same tools as a language model and answers by the agent's own rules.

Deterministic, a pure function of the messages. It is shown as "rules" wherever a model is named.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel

from workflows.agents.answers import REPLY, Choice, Reply
from workflows.agents.feedback import feedback_of, question_of
from workflows.agents.offline_reply import answer_to

NAME = "rules:default"
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OfflineRules:
    """``answers`` gives every answer that fits what the tools told and what was refused, the best first."""

    plan: Sequence[str]
    tools: Mapping[str, TypeAdapter[Any]]
    tool_names: Mapping[type[Choice], str]
    answers: Callable[[Told, tuple[str, ...]], Iterator[Choice]]

    def model(self) -> FunctionModel:
        """The rules as a pydantic-ai model."""
        return FunctionModel(self.respond, model_name=NAME)

    async def respond(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        """Ask every tool once, then answer the question, or give the best answer that has not been refused."""
        told = self._told(messages)
        missing = [name for name in self.tools if name not in told]
        if missing:
            called = [call.tool_name for call in _calls(messages)]
            calls = [_call(name, called.count(name)) for name in missing]
            return ModelResponse([TextPart(" ".join(self.plan)), *calls])
        if (question := question_of(messages)) is not None:
            best = next(self.answers(told, ()))
            return self._response(answer_to(question, told, best), "answer-1")
        outputs = {tool.name for tool in info.output_tools}
        refused = [call.tool_name for call in _calls(messages) if call.tool_name in outputs]
        fitting = self.answers(told, feedback_of(messages))
        answer = next(one for one in fitting if self.tool_names[type(one)] not in refused)
        return self._response(answer, f"answer-{len(refused) + 1}")

    def _response(self, answer: Choice | Reply, call_id: str) -> ModelResponse:
        name = REPLY if isinstance(answer, Reply) else self.tool_names[type(answer)]
        arguments = answer.model_dump(mode="json")
        return ModelResponse([ToolCallPart(name, arguments, tool_call_id=call_id)])

    def _told(self, messages: list[ModelMessage]) -> Told:
        """What the tools have said. What an earlier release has kept in another shape counts as not told."""
        told = {}
        for part in (part for message in messages for part in message.parts):
            if (
                isinstance(part, ToolReturnPart)
                and part.tool_name in self.tools
                and part.outcome == "success"
            ):
                with suppress(ValidationError):
                    kept = self.tools[part.tool_name].validate_python(part.content)
                    told[part.tool_name] = kept
        return told


def _call(tool: str, before: int) -> ToolCallPart:
    """A call without arguments, under an id that no earlier call of the tool had."""
    return ToolCallPart(tool, {}, tool_call_id=f"{tool}-{before}" if before else tool)


def _calls(messages: list[ModelMessage]) -> list[ToolCallPart]:
    return [
        part for message in messages for part in message.parts if isinstance(part, ToolCallPart)
    ]
