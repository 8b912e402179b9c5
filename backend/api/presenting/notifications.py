"""What a person was told, on the wire."""

from backend.proposals.inbox import Told
from backend.proposals.notification_models import NotificationTable
from backend.schemas.notifications import Notification, NotificationList


def notification(row: NotificationTable) -> Notification:
    """One message."""
    return Notification(
        id=str(row.id),
        kind=row.kind,
        text=row.text,
        proposal_id=str(row.proposal_id),
        seal=row.seal,
        at=row.created_at,
        read=row.read_at is not None,
    )


def notifications(told: Told, next_cursor: str | None = None) -> NotificationList:
    """One page of a person's list."""
    return NotificationList(
        items=[notification(row) for row in told.items],
        unread=told.unread,
        next_cursor=next_cursor,
    )
