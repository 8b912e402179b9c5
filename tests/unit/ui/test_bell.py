"""The bell: how many messages are new, and how each reads."""

import msgspec
import pytest

from backend.schemas.notifications import NotificationList
from ui.components.bell import Notice, badge, notices


@pytest.mark.parametrize(
    ("unread", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+"), (2_000, "99+")]
)
def test_badge_when_counted_then_exact_to_99(unread: int, shown: str) -> None:
    assert badge(unread) == shown


def test_notices_when_the_api_tells_them_then_in_its_order_with_time_and_seal() -> None:
    told = {
        "items": [
            {
                "id": number,
                "kind": "delegated",
                "text": f"Paul gave you signature {number}",
                "proposalId": f"p{number}",
                "seal": "pending",
                "at": "2026-11-29T06:00:00Z",
                "read": number == "1",
            }
            for number in ("2", "1")
        ],
        "unread": 1,
    }
    at = "2026-11-29T06:00:00+00:00"
    assert notices(msgspec.convert(told, NotificationList)) == [
        Notice("2", "Paul gave you signature 2", "pending", at, "p2", read=False),
        Notice("1", "Paul gave you signature 1", "pending", at, "p1", read=True),
    ]
