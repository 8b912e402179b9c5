"""What an agent's room holds: the agent, durable under Temporal, and how a model names its answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_ai import Agent, FunctionToolset, ModelResolutionContext, ToolOutput
from pydantic_ai.capabilities import ResolveModelId
from pydantic_ai.durable_exec.temporal import TemporalDurability
from pydantic_ai.models import Model

from workflows.agents.answers import Choice
from workflows.agents.deps import Deps
from workflows.agents.offline import NAME, OfflineRules
from workflows.agents.spending import paid_model
from workflows.runtime.policies import MODEL, TOOL


@dataclass(frozen=True, slots=True)
class Room:
    """One agent. Its name and the names of its answers lie in histories and never change."""

    agent: Agent[Deps, Any]
    tool_names: Mapping[type[Choice], str]

    def activities(self) -> Sequence[Callable[..., Any]]:
        """The activities in which the agent calls its model and its tools."""
        durability = TemporalDurability.from_agent(self.agent)
        if durability is None:
            raise LookupError("the agent has no durability")
        return durability.temporal_activities


def furnish(
    name: str,
    *,
    prompt: Path,
    toolset: FunctionToolset[Deps],
    tool_names: Mapping[type[Choice], str],
    rules: OfflineRules,
) -> Room:
    """An agent with typed answers and read-only tools, driven by the model that a run names."""

    async def resolve(ctx: ModelResolutionContext[Deps], model_id: str) -> Model | None:
        return rules.model() if model_id == NAME else await paid_model(ctx.deps, model_id)

    agent: Agent[Deps, Any] = Agent(
        NAME,
        name=name,
        deps_type=Deps,
        output_type=[ToolOutput(kind, name=called) for kind, called in tool_names.items()],
        instructions=prompt.read_text(encoding="utf-8"),
        toolsets=[toolset],
        retries=2,
        defer_model_check=True,
        capabilities=[
            ResolveModelId(resolve),
            TemporalDurability(activity_config=TOOL, model_activity_config=MODEL),
        ],
    )
    return Room(agent, tool_names)
