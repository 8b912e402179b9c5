"""One client of the change stream: what it may see, and a bounded queue of what it has not read yet."""

import asyncio

from backend.api.feed import Seen
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.sse import frame
from backend.schemas.events import ChangeEvent
from tenancy.changes import EventKind
from tenancy.permissions import Right, reach_of
from tenancy.principals import Authenticated

QUEUE_LENGTH = 256
RESET = "reset"


class Subscriber:
    """Offered every event of its organization; keeps those within reach. Never grows: a slow client is reset."""

    def __init__(self, who: Authenticated, presenter: ProposalPresenter) -> None:
        self.lease = who.lease
        self._principal = who.principal
        self._presenter = presenter
        self._proposals = reach_of(who.principal, Right.PROPOSALS_READ)
        self._runs = reach_of(who.principal, Right.RUNS_READ)
        self._queue = asyncio.Queue[tuple[int, bytes] | None](QUEUE_LENGTH)
        self._over = False

    def offer(self, seen: Seen) -> None:
        """Queue the event if the client may see it; its own membership's change ends the stream."""
        if seen.kind is EventKind.MEMBERSHIP_CHANGED:
            if seen.subject_id == self._principal.user_id:
                self.finish()
            return
        if (text := self.text(seen)) is not None:
            self._put((seen.seq, text))

    def text(self, seen: Seen) -> bytes | None:
        """The event as this client sees it, None when it may not. What a person is told, no API key hears."""
        if seen.kind is EventKind.NOTIFICATION_CREATED:
            return None if self.lease.key_prefix else seen.frame_to(self._principal.user_id)
        return seen.frame_for(self._principal, self._presenter) if self._covers(seen) else None

    async def next(self) -> tuple[int, bytes] | None:
        """The next event's number and text; None at the end of the stream."""
        return None if self._over and self._queue.empty() else await self._queue.get()

    def finish(self) -> None:
        """End the stream: the client comes back and is checked anew."""
        self._over = True
        self._clear()
        self._queue.put_nowait(None)

    def _put(self, item: tuple[int, bytes]) -> None:
        if self._over:
            return
        if self._queue.full():
            self._clear()
            item = (item[0], reset(item[0]))
        self._queue.put_nowait(item)

    def _clear(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _covers(self, seen: Seen) -> bool:
        if seen.proposal is not None and self._proposals is not None:
            row = seen.proposal.row
            return self._proposals.covers(owner=row.requested_by, team=row.team_id, asks=row.asks)
        if seen.run is not None and self._runs is not None:
            run = seen.run.row
            return self._runs.covers(owner=run.requested_by, team=run.team_id)
        return False


def reset(seq: int) -> bytes:
    """Tells the client to read everything again; the stream goes on behind ``seq``."""
    return frame(RESET, ChangeEvent(seq=seq, kind=RESET), seq)
