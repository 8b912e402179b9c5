"""With what somebody came in: the client's own words, and the same in plain ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.core.clock import now
from tenancy.models.access import ApiKeyRow
from tenancy.models.organization import RefreshToken, WebSession

TOUCH_AFTER = timedelta(minutes=1)
_LONGEST = 300
# Order matters: nearly every browser also says that it is Chrome, and Chrome that it is Safari.
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-httpx/", "A Python program"),
    ("python-requests/", "A Python program"),
    ("aiohttp/", "A Python program"),
    ("Go-http-client/", "A Go program"),
    ("node", "A Node.js program"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Client:
    """What a client says of itself and the address it came from."""

    user_agent: str | None = None
    address: str | None = None

    def columns(self) -> dict[str, str | None]:
        """As it is kept with a session."""
        agent = self.user_agent[:_LONGEST] if self.user_agent else None
        return {"user_agent": agent, "address": self.address}


UNKNOWN_CLIENT = Client()


def wants_touch(used_at: datetime | None) -> bool:
    """Whether it is time to write down a use, at most once a minute: a request must not cost a write."""
    return used_at is None or used_at <= now() - TOUCH_AFTER


async def touch(
    connection: AsyncConnection,
    table: type[WebSession] | type[RefreshToken] | type[ApiKeyRow],
    *which: ColumnElement[bool],
) -> None:
    """Write down that it is used now; of several requests at once the first does it."""
    moment = now()
    stale = or_(table.last_used_at.is_(None), table.last_used_at <= moment - TOUCH_AFTER)
    await connection.execute(update(table).where(*which, stale).values(last_used_at=moment))


def device_of(user_agent: str | None) -> str:
    """In plain words, as in: Chrome on Linux."""
    said = user_agent or ""
    program = next((name for mark, name in _PROGRAMS if mark in said), None)
    system = next((name for mark, name in _SYSTEMS if mark in said), None)
    if program and system:
        return f"{program} on {system}"
    return program or system or "An unknown device"
