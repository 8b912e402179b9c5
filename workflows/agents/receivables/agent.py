"""The agent that looks at one overdue invoice. Runs inside ``agent_run``."""

from pathlib import Path

from workflows.agents.receivables import rules
from workflows.agents.receivables.models import TOOL_NAMES
from workflows.agents.receivables.tools import toolset
from workflows.agents.room import furnish

ROOM = furnish(
    "receivables",
    prompt=Path(__file__).with_name("prompt.md"),
    toolset=toolset,
    tool_names=TOOL_NAMES,
    rules=rules.RULES,
)
