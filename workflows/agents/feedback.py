"""The words between verification and agent: how refusals are told, and how the offline rules find them again."""

from collections.abc import Sequence

from pydantic_ai.messages import ModelMessage, ModelRequest, UserPromptPart

_OPENING = "Your answer was checked and refused:"
_ITEM = "- "
_ASKED = "A person asks about your proposal: "


def tell(messages: Sequence[str]) -> str:
    """The next prompt after a refused answer."""
    items = "\n".join(_ITEM + message for message in messages)
    return (
        f"{_OPENING}\n{items}\n"
        "Revise your plan where that is needed, not only the wording, and answer again. "
        "If nothing that is allowed fits, answer `nothing` and say why."
    )


def asked(question: str, proposal: str) -> str:
    """The prompt of a question about a proposal that the agent has made."""
    return (
        f"{_ASKED}{' '.join(question.split())}\n\n{proposal}\n\n"
        "Read what you need with your tools. Answer with `reply` and cite the records that show it. If the person is "
        "right and the proposal should be another one, give that answer instead, as it should be."
    )


def question_of(messages: Sequence[ModelMessage]) -> str | None:
    """The question in the latest prompt, if that asks one."""
    prompts = _prompts(messages)
    if not prompts or not prompts[-1].startswith(_ASKED):
        return None
    return prompts[-1].splitlines()[0].removeprefix(_ASKED)


def feedback_of(messages: Sequence[ModelMessage]) -> tuple[str, ...]:
    """The refusals in the latest prompt; none when the latest prompt is the assignment."""
    prompts = _prompts(messages)
    if not prompts or not prompts[-1].startswith(_OPENING):
        return ()
    lines = prompts[-1].splitlines()
    return tuple(line.removeprefix(_ITEM) for line in lines if line.startswith(_ITEM))


def _prompts(messages: Sequence[ModelMessage]) -> list[str]:
    return [
        part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart) and isinstance(part.content, str)
    ]
