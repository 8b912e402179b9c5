"""Reads the events of an organization from the table, each with the row it is about. Loads a row once for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api.presenting.proposals import ProposalPresenter
from backend.api.presenting.runs import run_row
from backend.api.sse import frame
from backend.core.db import Database
from backend.core.ids import OrgId
from backend.proposals import repository as proposals
from backend.proposals.policy import refusal
from backend.proposals.views import ProposalView
from backend.runs import repository as runs
from backend.runs.repository import RunView
from backend.schemas.events import ChangeEvent
from tenancy.changes import EventKind
from tenancy.context import Principal, TenantContext
from tenancy.models.change import Event, EventCounter
from tenancy.session import tenant

BATCH = 500


@dataclass(slots=True)
class Seen:
    """One event with what it is about. Its text for clients is made once per way of seeing it."""

    seq: int
    kind: EventKind
    subject_id: UUID
    proposal: ProposalView | None
    run: RunView | None
    _frames: dict[bool, bytes] = field(default_factory=dict)

    def frame_for(self, principal: Principal, presenter: ProposalPresenter) -> bytes:
        """The server-sent event for this person; whose turn it is needs no query."""
        turn = self.proposal is not None and refusal(principal, self.proposal) is None
        if turn not in self._frames:
            self._frames[turn] = frame(self.kind, self._change(presenter, turn), self.seq)
        return self._frames[turn]

    def _change(self, presenter: ProposalPresenter, turn: bool) -> ChangeEvent:  # noqa: FBT001
        proposal, run = self.proposal, self.run
        return ChangeEvent(
            seq=self.seq,
            kind=self.kind,
            proposal=presenter.row(proposal, your_turn=turn) if proposal else None,
            run=run_row(run) if run else None,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers of the events that are kept: ``first`` is ``last + 1`` when there are none."""

    first: int
    last: int


async def span(database: Database, org_id: OrgId) -> Span:
    """Which events of the organization are kept at this moment."""
    last = select(EventCounter.last_seq).where(EventCounter.org_id == org_id).scalar_subquery()
    first = select(func.min(Event.seq)).where(Event.org_id == org_id).scalar_subquery()
    async with tenant(database, TenantContext(org_id)) as session:
        found = (await session.execute(select(first, last))).one()
    newest = found[1] or 0
    return Span(found[0] or newest + 1, newest)


async def after(
    database: Database, org_id: OrgId, seq: int, until: int | None = None
) -> Sequence[Seen]:
    """The next events after ``seq`` in order, at most :data:`BATCH`, none behind ``until``."""
    query = select(Event).where(Event.org_id == org_id, Event.seq > seq)
    if until is not None:
        query = query.where(Event.seq <= until)
    async with tenant(database, TenantContext(org_id)) as session:
        events = (await session.scalars(query.order_by(Event.seq).limit(BATCH))).all()
        return await _with_rows(session, events)


async def _with_rows(session: AsyncSession, events: Sequence[Event]) -> list[Seen]:
    seen_proposals = await proposals.by_ids(session, _subjects(events, "proposal."))
    seen_runs = await runs.by_ids(session, _subjects(events, "run."))
    return [
        Seen(
            seq=event.seq,
            kind=EventKind(event.kind),
            subject_id=event.subject_id,
            proposal=seen_proposals.get(event.subject_id),
            run=seen_runs.get(event.subject_id),
        )
        for event in events
    ]


def _subjects(events: Iterable[Event], prefix: str) -> set[UUID]:
    return {event.subject_id for event in events if event.kind.startswith(prefix)}
