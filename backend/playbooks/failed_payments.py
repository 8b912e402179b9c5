"""The playbook *Failed payment follow-up* as it is shipped."""

from backend.playbooks import overdue_invoices
from backend.playbooks.service import Definition
from backend.playbooks.triggers import Schedule, on_change, scheduled

SLUG = "failed-payment-follow-up"
NAME = "Failed payment follow-up"


def definition(model: str) -> Definition:
    """Version 1. ``model`` is what drives the agent, ``rules:default`` without a provider."""
    usual = overdue_invoices.definition(model)
    return Definition(
        goal="Bring in what a card did not pay, without annoying who will pay anyway.",
        instructions=(
            "Look at one open invoice whose last charge failed. Charge the card again when the "
            "decline will pass and enough time has gone by. Send the invoice again when this card "
            "will never pay, so that the customer can use another one. Otherwise wait."
        ),
        model=model,
        budget=usual.budget,
        actions=("stripe.invoice.pay", "stripe.invoice.send_reminder"),
        limits=usual.limits,
        policy=usual.policy,
        agent="payments",
        candidates="failed_payments",
        triggers=(
            scheduled(Schedule(at="07:30", working_days=True)),
            on_change("charge.failed", "invoice.payment_failed"),
        ),
    )
