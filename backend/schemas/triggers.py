"""Wire types of a playbook's triggers."""

from datetime import datetime

from backend.schemas.common import Person, Wire


class Trigger(Wire, frozen=True):
    """One way in which runs of the playbook come about. ``kind``: manual, schedule or record_changed.

    ``enabled_by`` is in whose name its runs are requested; ``off_reason`` says why it was switched off by itself.
    ``next_run_at`` is absent where there is none, and while the workflow engine does not answer.
    """

    kind: str
    description: str
    enabled: bool
    can_switch: bool
    enabled_by: Person | None = None
    enabled_at: datetime | None = None
    off_reason: str | None = None
    next_run_at: datetime | None = None


class TriggerList(Wire, frozen=True):
    """What the playbook's current version may be started by."""

    items: list[Trigger]


class TriggerSwitch(Wire, frozen=True):
    """Body of ``PUT /playbooks/{id}/triggers/{kind}``."""

    enabled: bool
