"""How two model providers write their replies: OpenAI chat completions, Anthropic messages."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

INPUT_TOKENS, OUTPUT_TOKENS = 120, 30


@dataclass(frozen=True)
class Call:
    """A tool that the model calls; ``arguments`` as a text are sent as they are."""

    id: str
    name: str
    arguments: Json | str


@dataclass(frozen=True)
class Wire:
    """One protocol: where it is spoken, what a request tells, how calls and errors are written."""

    results: Callable[[Json], Mapping[str, str]]
    says: Callable[[str, Sequence[Call], bool], Json]
    fails: Callable[[int], Json]


def _openai_results(body: Json) -> Mapping[str, str]:
    return {m["tool_call_id"]: m["content"] for m in body["messages"] if m["role"] == "tool"}


def _openai(model: str, calls: Sequence[Call], cut: bool) -> Json:  # noqa: FBT001 - as Wire has it
    written = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": _text_of(c)}}
        for c in calls
    ]
    message = {"role": "assistant", "content": None, "tool_calls": written}
    usage = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    reason = "length" if cut else "tool_calls"
    choice = {"index": 0, "finish_reason": reason, "message": message}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model}
    return {**head, "choices": [choice], "usage": usage}


def _text_of(call: Call) -> str:
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)


def _openai_error(status: int) -> Json:
    return {"error": {"message": f"status {status}", "type": "error", "code": None, "param": None}}


def _anthropic_results(body: Json) -> Mapping[str, str]:
    return {
        part["tool_use_id"]: _joined(part["content"])
        for message in body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "tool_result"
    }


def _joined(content: str | list[Json]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _anthropic(model: str, calls: Sequence[Call], cut: bool) -> Json:  # noqa: FBT001 - as Wire has it
    content = [
        {"type": "tool_use", "id": c.id, "name": c.name, "input": _object_of(c)} for c in calls
    ]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "max_tokens" if cut else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
    }


def _object_of(call: Call) -> Json:
    """Anthropic sends arguments as JSON; what is none arrives as a text among them."""
    return {"arguments": call.arguments} if isinstance(call.arguments, str) else call.arguments


def _anthropic_error(status: int) -> Json:
    return {"type": "error", "error": {"type": "api_error", "message": f"status {status}"}}


WIRES = {
    "/v1/chat/completions": Wire(_openai_results, _openai, _openai_error),
    "/v1/messages": Wire(_anthropic_results, _anthropic, _anthropic_error),
}
