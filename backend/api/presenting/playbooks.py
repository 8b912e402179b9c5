"""Playbooks on the wire."""

from backend.playbooks import service
from backend.playbooks.candidates import SOURCES, camel
from backend.schemas.playbooks import Playbook
from tenancy.context import Principal
from tenancy.permissions import Right


def playbook(found: service.Playbook, principal: Principal) -> Playbook:
    """A playbook, and whether this person may run it."""
    can_run = Right.RUNS_CREATE in principal.grants
    definition = found.definition
    return Playbook(
        id=str(found.id),
        slug=found.slug,
        name=found.name,
        version=found.version,
        goal=definition.goal,
        model=definition.model.removesuffix(":default"),
        actions=list(definition.actions),
        two_approvals_above_minor=definition.policy.two_above_minor,
        inputs=[camel(name) for name in SOURCES[definition.candidates].takes],
        can_run=can_run,
        cannot_run_reason=(
            None if can_run else f"Running a playbook needs the permission {Right.RUNS_CREATE}"
        ),
    )
