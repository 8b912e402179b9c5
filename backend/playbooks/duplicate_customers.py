"""The playbook *Duplicate customers* as it is shipped."""

from backend.playbooks import overdue_invoices
from backend.playbooks.service import Definition
from backend.playbooks.triggers import Schedule, on_change, scheduled

SLUG = "duplicate-customers"
NAME = "Duplicate customers"


def definition(model: str) -> Definition:
    """Version 1. ``model`` is what drives the agent, ``rules:default`` without a provider."""
    usual = overdue_invoices.definition(model)
    return Definition(
        goal="Find customers that are kept twice, and bring what is known of them together.",
        instructions=(
            "Look at two customers that look alike. Where they are one, propose to fill what the "
            "surviving customer lacks from its duplicate, and to link the two. Leave two people of "
            "one company, two subsidiaries and two places of one name alone."
        ),
        model=model,
        budget=usual.budget,
        actions=("stripe.customer.merge_details",),
        limits=usual.limits,
        policy=usual.policy,
        agent="customers",
        candidates="duplicate_customers",
        triggers=(
            scheduled(Schedule(at="06:30", working_days=True)),
            on_change("customer.created", record="customer"),
        ),
    )
