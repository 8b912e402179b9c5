"""From an agent's messages to steps of a run's trace: every model call with its tokens, every tool call."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart

from workflows.contracts import StepNote

_OFFLINE = "rules:"
ANSWERED_BY = "answered_by"
"""Where a reply's metadata names the model that gave it, which may be a fallback."""


def steps_of(
    messages: Sequence[ModelMessage], *, under: str, model: str, answers: Collection[str]
) -> tuple[StepNote, ...]:
    """Steps in order, under keys that begin with ``under`` and that a repetition gives again.

    ``answers`` are the tools by which the agent gives its final answer. The offline rules use no tokens.
    """
    steps: list[StepNote] = []
    last = None
    for place, message in enumerate(messages):
        key = f"{under}/{place:02}"
        if isinstance(message, ModelResponse):
            steps.append(_model_call(message, key, model, _moment(last)))
        else:
            returns = [part for part in message.parts if isinstance(part, ToolReturnPart)]
            steps += _tool_calls(returns, key, _moment(last), answers)
        last = message
    return tuple(steps)


def _model_call(
    response: ModelResponse, key: str, model: str, asked_at: datetime | None
) -> StepNote:
    called = [part.tool_name for part in response.parts if isinstance(part, ToolCallPart)]
    offline = model.startswith(_OFFLINE)
    return StepNote(
        key=f"{key}-model",
        kind="model",
        name=(response.metadata or {}).get(ANSWERED_BY, model),
        summary=f"Called {', '.join(called)}" if called else "Answered in words",
        started_at=asked_at or response.timestamp,
        finished_at=response.timestamp,
        input_tokens=0 if offline else response.usage.input_tokens,
        output_tokens=0 if offline else response.usage.output_tokens,
    )


def _tool_calls(
    returns: Sequence[ToolReturnPart],
    key: str,
    called_at: datetime | None,
    answers: Collection[str],
) -> Iterator[StepNote]:
    for part in returns:
        refused = part.outcome != "success"
        if part.tool_name in answers and not refused:
            continue
        yield StepNote(
            key=f"{key}-tool-{part.tool_call_id}",
            kind="tool",
            name=part.tool_name,
            summary="Refused: it did not fit"
            if refused
            else f"Read {part.tool_name}".replace("_", " "),
            started_at=called_at or part.timestamp,
            finished_at=part.timestamp,
            state="failed" if refused else "done",
        )


def _moment(message: ModelMessage | None) -> datetime | None:
    return message.timestamp if message is not None else None
