"""Wire types of the dashboard: figures with their sample and the rows behind them."""

from datetime import date, datetime

from backend.schemas.common import Money, Wire
from backend.schemas.matrix import ProposalFilter


class Figure(Wire, frozen=True):
    """One number. ``value`` is absent where the sample is too small for it (shares need 20 cases).

    ``unit``: count, share (0 to 1), seconds. ``n`` is the sample, ``of`` what it counts in words,
    ``rows`` the proposals behind it.
    """

    id: str
    label: str
    value: float | None
    unit: str
    n: int
    of: str
    rows: ProposalFilter | None


class Bar(Wire, frozen=True):
    """One bar of a chart. ``label`` names it, ``rows`` are the proposals behind it."""

    label: str
    count: int
    rows: ProposalFilter


class Day(Wire, frozen=True):
    """What was decided on one day (UTC). ``partial`` is today."""

    day: date
    approved: int
    rejected: int
    expired: int
    partial: bool
    rows: ProposalFilter


class PlaybookOutcome(Wire, frozen=True):
    """What became of one playbook's proposals of the period. ``automated`` were approved by the policy alone."""

    playbook_id: str
    playbook: str
    proposed: int
    approved: int
    rejected: int
    edited: int
    executed: int
    failed: int
    automated: int
    spend: Money | None
    rows: ProposalFilter


class Spend(Wire, frozen=True):
    """What models cost in the period. ``unpriced_calls`` are in the tokens and not in the ``spend``."""

    input_tokens: int
    output_tokens: int
    model_calls: int
    spend: Money | None
    unpriced_calls: int


class Overview(Wire, frozen=True):
    """The dashboard over the last ``days``, as far as the reader's rights reach (``reach``: self, team, org).

    ``time_to_decision`` are seconds at p50 and p90, absent below 20 decisions.
    """

    days: int
    reach: str
    as_of: datetime
    figures: list[Figure]
    pending_by_age: list[Bar]
    pending_by_risk: list[Bar]
    time_to_decision: tuple[float, float] | None
    decisions: list[Day]
    playbooks: list[PlaybookOutcome]
    spend: Spend


class Check(Wire, frozen=True):
    """One part of the system as it was really asked. ``state``: ok, degraded, failed or unknown."""

    id: str
    label: str
    state: str
    detail: str
    checked_at: datetime


class Status(Wire, frozen=True):
    """How the system is. ``state`` is the worst of ``checks``."""

    state: str
    checks: list[Check]


class Activity(Wire, frozen=True):
    """One thing that happened. ``actor`` is absent for agents and the system; ``seal`` names the drawing."""

    seq: int
    at: datetime
    what: str
    actor: str | None
    subject: str
    proposal_id: str | None
    run_id: str | None
    seal: str


class ActivityList(Wire, frozen=True):
    """One page, the newest first."""

    items: list[Activity]
    next_cursor: str | None = None
