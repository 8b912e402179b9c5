"""The agent itself: durable under Temporal, with typed answers and read-only tools. Runs inside ``agent_run``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic_ai import Agent, ModelResolutionContext, ToolOutput
from pydantic_ai.capabilities import ResolveModelId
from pydantic_ai.durable_exec.temporal import TemporalDurability
from pydantic_ai.models import Model

from workflows.agents.deps import Deps
from workflows.agents.providers import provider_model
from workflows.agents.receivables import rules
from workflows.agents.receivables.models import TOOL_NAMES, Answer
from workflows.agents.receivables.tools import toolset
from workflows.runtime.policies import MODEL, TOOL

_PROMPT = Path(__file__).with_name("prompt.md").read_text(encoding="utf-8")


async def _resolve(ctx: ModelResolutionContext[Deps], model_id: str) -> Model | None:
    del ctx
    return rules.model() if model_id == rules.NAME else provider_model(model_id)


agent: Agent[Deps, Answer] = Agent(
    rules.NAME,
    name="receivables",
    deps_type=Deps,
    output_type=[ToolOutput(kind, name=name) for kind, name in TOOL_NAMES.items()],
    instructions=_PROMPT,
    toolsets=[toolset],
    retries=2,
    defer_model_check=True,
    capabilities=[
        ResolveModelId(_resolve),
        TemporalDurability(activity_config=TOOL, model_activity_config=MODEL),
    ],
)


def activities() -> Sequence[Callable[..., Any]]:
    """The activities in which the agent calls its model and its tools."""
    durability = TemporalDurability.from_agent(agent)
    if durability is None:
        raise LookupError("the agent has no durability")
    return durability.temporal_activities
