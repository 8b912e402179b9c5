"""Wire types of what a person is told in the app."""

from datetime import datetime
from uuid import UUID

from backend.schemas.common import Wire


class Notification(Wire, frozen=True):
    """One message. ``text`` is a sentence; ``seal`` names the drawing beside it.

    ``kind``: asked, reminded, escalated, delegated, answered, commented, decided, executed, failed, unknown, stale.
    """

    id: str
    kind: str
    text: str
    proposal_id: str
    seal: str
    at: datetime
    read: bool


class NotificationList(Wire, frozen=True):
    """One page of what the person was told; ``unread`` counts all (exact to 99)."""

    items: list[Notification]
    unread: int
    next_cursor: str | None = None


class ReadRequest(Wire, frozen=True):
    """Body of ``POST /notifications/read``: these, or without ``ids`` all."""

    ids: list[UUID] | None = None
