"""The shipped playbook as most tests want it: an approval is carried out at once, without the hold."""

from dataclasses import replace

from backend.playbooks import overdue_invoices
from backend.playbooks.policy import Policy
from backend.playbooks.service import Definition


def quick(model: str = "rules:default", policy: Policy | None = None) -> Definition:
    """The playbook without a hold, or with another policy."""
    shipped = overdue_invoices.definition(model)
    return replace(shipped, policy=policy or replace(shipped.policy, hold_seconds=0))
