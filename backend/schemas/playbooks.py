"""Wire types of playbooks."""

import msgspec

from backend.schemas.common import Wire


class Playbook(Wire, frozen=True):
    """A playbook in its current version. ``model`` names what drives it, ``rules`` being the offline rules.

    ``approval`` is its policy in words, the rules in order and then what silence means.
    """

    id: str
    slug: str
    name: str
    version: int
    goal: str
    model: str
    actions: list[str]
    approval: list[str]
    can_run: bool
    cannot_run_reason: str | None = None
    inputs: list[str] = msgspec.field(default_factory=list)


class PlaybookList(Wire, frozen=True):
    """All playbooks of the organization."""

    items: list[Playbook]


class RunInputs(Wire, frozen=True):
    """What narrows a run: how late at least, how many at most. ``Playbook.inputs`` says which of them it takes."""

    min_days_overdue: int | None = None
    max_invoices: int | None = None
    max_pairs: int | None = None


class RunRequest(Wire, frozen=True):
    """Body of ``POST /playbooks/{id}/runs``."""

    inputs: RunInputs = RunInputs()
