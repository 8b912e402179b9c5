"""Wire types of a person's own settings."""

from datetime import datetime

import msgspec

from backend.schemas.common import Wire


class ProfileUpdate(Wire, frozen=True):
    """Body of ``PATCH /me``."""

    name: str | msgspec.UnsetType = msgspec.UNSET


class Preferences(Wire, frozen=True):
    """How a person wants the app. ``theme``: system, light, dark. ``density``: compact, comfortable.

    ``quiet_keys`` are single keys that are switched off (WCAG 2.1.4).
    """

    theme: str = "system"
    density: str = "compact"
    quiet_keys: list[str] = msgspec.field(default_factory=list)


class SessionRef(Wire, frozen=True):
    """One place where the person is signed in. ``kind``: browser or program; ``current`` is the asking one.

    ``device`` is made from the client's own words ("Chromium on Linux"), ``address`` is where it was opened.
    """

    id: str
    kind: str
    device: str
    address: str | None
    organization: str
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class SessionList(Wire, frozen=True):
    """The newest use first."""

    items: list[SessionRef]
