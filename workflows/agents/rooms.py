"""The agents of this installation: the one list. A playbook names the one that works for it."""

from workflows.agents.receivables.agent import ROOM as RECEIVABLES
from workflows.agents.room import Room

ROOMS: dict[str, Room] = {
    "receivables": RECEIVABLES,
}
