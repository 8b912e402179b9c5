"""The agent that looks at one invoice whose card payment failed. Runs inside ``agent_run``."""

from pathlib import Path

from workflows.agents.payments import rules
from workflows.agents.payments.models import TOOL_NAMES
from workflows.agents.payments.tools import toolset
from workflows.agents.room import furnish

ROOM = furnish(
    "payments",
    prompt=Path(__file__).with_name("prompt.md"),
    toolset=toolset,
    tool_names=TOOL_NAMES,
    rules=rules.RULES,
)
