"""The worker's side of payloads: our contracts as the API writes them, and the agents' messages by pydantic."""

from collections.abc import Sequence

from pydantic_ai.durable_exec.temporal import PydanticAIPayloadConverter, PydanticAIPlugin
from temporalio.converter import CompositePayloadConverter

from workflows.runtime.converter import MsgspecConverter


class AgentConverter(PydanticAIPayloadConverter):
    """Derives from pydantic-ai's converter because its plugin replaces every other one."""

    def __init__(self) -> None:
        super().__init__()
        CompositePayloadConverter.__init__(self, MsgspecConverter(), *self.converters.values())


def plugins() -> Sequence[PydanticAIPlugin]:
    """What a client needs whose worker runs agents: model failures end a workflow instead of stalling it."""
    return [PydanticAIPlugin()]
