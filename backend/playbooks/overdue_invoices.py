"""The playbook *Overdue invoices* as it is shipped."""

from backend.connectors.actions import Limits
from backend.playbooks.budget import SHIPPED
from backend.playbooks.policy import ApprovalRule, Approver, Policy
from backend.playbooks.service import Definition
from backend.playbooks.triggers import Schedule, on_change, scheduled
from tenancy.permissions import Role

SLUG = "overdue-invoices"
NAME = "Overdue invoices"
POLICY = Policy(
    rules=(ApprovalRule(above_minor=500_000, from_risk=85, signatures=2), ApprovalRule()),
    remind_after_seconds=24 * 3600,
    escalate_after_seconds=48 * 3600,
    escalate_to=(Approver(role=Role.ORG_ADMIN),),
    due_seconds=72 * 3600,
)


def definition(model: str) -> Definition:
    """Version 1. ``model`` is what drives the agent, ``rules:default`` without a provider."""
    return Definition(
        goal="Bring in what is overdue, and clear away what will never be paid or was never owed.",
        instructions=(
            "Look at one overdue invoice with its customer, payment history and similar invoices. "
            "Void a duplicate. Credit part of an invoice whose goods the customer says arrived damaged. "
            "Write off what is long overdue after enough reminders. Otherwise send a reminder, "
            "unless the customer has promised a date or usually pays a few days late."
        ),
        model=model,
        budget=SHIPPED,
        actions=(
            "stripe.invoice.send_reminder",
            "stripe.credit_note.create",
            "stripe.invoice.mark_uncollectible",
            "stripe.invoice.void",
        ),
        limits=Limits(credit_note_max=500_000, reminders_max=4, uncollectible_after_days=180),
        triggers=(
            scheduled(Schedule(at="07:00", working_days=True)),
            on_change("invoice.overdue", "invoice.updated"),
        ),
        policy=POLICY,
    )
