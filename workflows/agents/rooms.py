"""The agents of this installation: the one list. A playbook names the one that works for it."""

from workflows.agents.customers.agent import ROOM as CUSTOMERS
from workflows.agents.payments.agent import ROOM as PAYMENTS
from workflows.agents.receivables.agent import ROOM as RECEIVABLES
from workflows.agents.room import Room

ROOMS: dict[str, Room] = {
    "receivables": RECEIVABLES,
    "customers": CUSTOMERS,
    "payments": PAYMENTS,
}
