"""The agent that looks at two customers which may be one. Runs inside ``agent_run``."""

from pathlib import Path

from workflows.agents.customers import rules
from workflows.agents.customers.models import TOOL_NAMES
from workflows.agents.customers.tools import toolset
from workflows.agents.room import furnish

ROOM = furnish(
    "customers",
    prompt=Path(__file__).with_name("prompt.md"),
    toolset=toolset,
    tool_names=TOOL_NAMES,
    rules=rules.RULES,
)
