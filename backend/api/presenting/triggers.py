"""Triggers on the wire."""

from datetime import datetime

from backend.api.presenting.common import person
from backend.playbooks.switching import Switch
from backend.playbooks.triggers import TriggerKind
from backend.schemas.common import Person
from backend.schemas.triggers import Trigger
from tenancy.context import Principal
from tenancy.permissions import Right, lacks

_FORMER = "Former member"


def trigger(found: Switch, principal: Principal, next_run_at: datetime | None) -> Trigger:
    """A trigger, and whether this person may switch it."""
    may = not any(lacks(principal, one) for one in (Right.PLAYBOOKS_UPDATE, Right.RUNS_CREATE))
    return Trigger(
        kind=found.trigger.kind,
        description=str(found.trigger),
        enabled=found.enabled,
        can_switch=may and found.trigger.kind is not TriggerKind.MANUAL,
        enabled_by=_person(found),
        enabled_at=found.enabled_at,
        off_reason=found.off_reason,
        next_run_at=next_run_at,
    )


def _person(found: Switch) -> Person | None:
    if found.enabled_by is None:
        return None
    return person(found.enabled_by, found.enabled_by_name or _FORMER)
