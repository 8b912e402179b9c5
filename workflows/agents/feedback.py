"""The words between verification and agent: how refusals are told, and how the offline rules find them again."""

from collections.abc import Sequence

from pydantic_ai.messages import ModelMessage, ModelRequest, UserPromptPart

_OPENING = "Your answer was checked and refused:"
_ITEM = "- "


def tell(messages: Sequence[str]) -> str:
    """The next prompt after a refused answer."""
    items = "\n".join(_ITEM + message for message in messages)
    return (
        f"{_OPENING}\n{items}\n"
        "Revise your plan where that is needed, not only the wording, and answer again. "
        "If nothing that is allowed fits, answer `nothing` and say why."
    )


def feedback_of(messages: Sequence[ModelMessage]) -> tuple[str, ...]:
    """The refusals in the latest prompt; none when the latest prompt is the assignment."""
    prompts = [
        part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart) and isinstance(part.content, str)
    ]
    if not prompts or not prompts[-1].startswith(_OPENING):
        return ()
    lines = prompts[-1].splitlines()
    return tuple(line.removeprefix(_ITEM) for line in lines if line.startswith(_ITEM))
