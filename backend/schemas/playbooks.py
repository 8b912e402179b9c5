"""Wire types of playbooks."""

from backend.schemas.common import Wire


class Playbook(Wire, frozen=True):
    """A playbook in its current version. ``model`` names what drives it, ``rules`` being the offline rules."""

    id: str
    slug: str
    name: str
    version: int
    goal: str
    model: str
    actions: list[str]
    two_approvals_above_minor: int | None
    can_run: bool
    cannot_run_reason: str | None = None


class PlaybookList(Wire, frozen=True):
    """All playbooks of the organization."""

    items: list[Playbook]


class RunInputs(Wire, frozen=True):
    """What narrows a run of *Overdue invoices*: how late at least, how many invoices at most."""

    min_days_overdue: int = 1
    max_invoices: int | None = None


class RunRequest(Wire, frozen=True):
    """Body of ``POST /playbooks/{id}/runs``."""

    inputs: RunInputs = RunInputs()
