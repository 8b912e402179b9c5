"""Playbooks on the wire."""

from collections.abc import Mapping
from uuid import UUID

from backend.playbooks import service
from backend.playbooks.candidates import SOURCES, camel
from backend.playbooks.policy import Policy
from backend.proposals.terms import in_words, silence_in_words
from backend.schemas.playbooks import Playbook
from tenancy.context import Principal
from tenancy.permissions import Right, lacks


def playbook(found: service.Playbook, principal: Principal, names: Mapping[UUID, str]) -> Playbook:
    """A playbook, and whether this person may run it."""
    can_run = lacks(principal, Right.RUNS_CREATE) is None
    definition = found.definition
    return Playbook(
        id=str(found.id),
        slug=found.slug,
        name=found.name,
        version=found.version,
        goal=definition.goal,
        model=definition.model.removesuffix(":default"),
        actions=list(definition.actions),
        approval=_approval(definition.policy, names),
        inputs=[camel(name) for name in SOURCES[definition.candidates].takes],
        can_run=can_run,
        cannot_run_reason=(
            None if can_run else f"Running a playbook needs the permission {Right.RUNS_CREATE}"
        ),
    )


def _approval(policy: Policy, names: Mapping[UUID, str]) -> list[str]:
    rules = [in_words(rule, None, names) for rule in policy.rules]
    return [*rules, silence_in_words(policy)]
