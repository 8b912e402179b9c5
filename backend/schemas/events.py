"""Wire types of the change stream."""

from backend.schemas.common import Wire
from backend.schemas.notifications import Notification
from backend.schemas.proposals import ProposalRow
from backend.schemas.runs import RunRow


class ChangeEvent(Wire, frozen=True):
    """``data`` of one server-sent event; the SSE ``id`` is ``seq`` and the SSE ``event`` is ``kind``.

    ``kind``: proposal.created, proposal.changed, run.created, run.changed, notification.created (to its receiver
    alone), reset (read everything again).
    """

    seq: int
    kind: str
    proposal: ProposalRow | None = None
    run: RunRow | None = None
    notification: Notification | None = None
