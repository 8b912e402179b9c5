"""Reads an organization's events, each with the row it is about. A row is loaded once for everybody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from backend.api.presenting.notifications import notification
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.presenting.runs import run_row
from backend.api.sse import frame
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.proposals import inbox
from backend.proposals import repository as proposals
from backend.proposals.notification_models import NotificationTable
from backend.proposals.policy import signs_now
from backend.proposals.views import ProposalView
from backend.runs import repository as runs
from backend.runs.repository import RunView
from backend.schemas.events import ChangeEvent
from tenancy import events
from tenancy.changes import EventKind
from tenancy.context import Principal, TenantContext
from tenancy.events import Happened, Span
from tenancy.session import tenant

_BATCH = 500


@dataclass(slots=True)
class Seen:
    """One event with what it is about. Its text for clients is made once per way of seeing it."""

    seq: int
    kind: EventKind
    subject_id: UUID
    proposal: ProposalView | None
    run: RunView | None
    notifications: Mapping[UUID, NotificationTable] = field(default_factory=dict)
    _frames: dict[bool, bytes] = field(default_factory=dict)

    def frame_for(self, principal: Principal, presenter: ProposalPresenter) -> bytes:
        """The server-sent event for this person; whose turn it is needs no query."""
        turn = self.proposal is not None and signs_now(principal, self.proposal)
        if turn not in self._frames:
            self._frames[turn] = frame(self.kind, self._change(presenter, turn=turn), self.seq)
        return self._frames[turn]

    def frame_to(self, user_id: UUID) -> bytes | None:
        """The server-sent event with what this person was told; None for everybody else."""
        row = self.notifications.get(user_id)
        if row is None:
            return None
        told = ChangeEvent(seq=self.seq, kind=self.kind, notification=notification(row))
        return frame(self.kind, told, self.seq)

    def _change(self, presenter: ProposalPresenter, *, turn: bool) -> ChangeEvent:
        proposal, run = self.proposal, self.run
        return ChangeEvent(
            seq=self.seq,
            kind=self.kind,
            proposal=presenter.row(proposal, your_turn=turn) if proposal else None,
            run=run_row(run) if run else None,
        )


async def span(database: Database, org_id: OrgId) -> Span:
    """Which events of the organization are kept at this moment."""
    async with tenant(database, TenantContext(org_id)) as session:
        return await events.span(session)


async def after(
    database: Database, org_id: OrgId, seq: int, until: int | None = None
) -> Sequence[Seen]:
    """The next events after ``seq`` in order, none behind ``until``; a batch at a time."""
    async with tenant(database, TenantContext(org_id)) as session:
        happened = await events.after(session, seq, limit=_BATCH, until=until)
        proposal_views = await proposals.by_ids(session, _subjects(happened, "proposal."))
        tellings = await inbox.of_tellings(session, _subjects(happened, "notification."))
        run_views = await runs.by_ids(session, _subjects(happened, "run."))
    return [
        Seen(
            seq=one.seq,
            kind=one.kind,
            subject_id=one.subject_id,
            proposal=proposal_views.get(one.subject_id),
            run=run_views.get(one.subject_id),
            notifications=tellings.get(one.subject_id, {}),
        )
        for one in happened
    ]


def _subjects(happened: Iterable[Happened], prefix: str) -> set[UUID]:
    return {one.subject_id for one in happened if one.kind.startswith(prefix)}
