"""Members and teams on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.schemas.common import Permission, Wire


class Member(Wire, frozen=True):
    """A person in the organization with the id of their role. Runs of theirs belong to the first of ``teams``."""

    id: str
    name: str
    initials: str
    email: str
    role: str
    teams: list[str]
    since: datetime
    can_change: Permission
    can_remove: Permission


class MemberUpdate(Wire, frozen=True):
    """Body of ``PATCH /members/{id}``: what is absent stays. ``teams`` are all of the person's, the primary first.

    ``role`` is the id of a role, as ``GET /roles`` gives it.
    """

    role: str | msgspec.UnsetType = msgspec.UNSET
    teams: list[UUID] | msgspec.UnsetType = msgspec.UNSET


class Team(Wire, frozen=True):
    """A team; ``parent`` is the team above it. ``members`` counts its own, not those of teams below.

    ``role`` is the id of the role that its members have within the team, beside their own.
    """

    id: str
    name: str
    parent: str | None
    members: int
    role: str | None


class TeamList(Wire, frozen=True):
    """All teams of the organization, by name; ``can_change``: making, renaming, moving and deleting them."""

    items: list[Team]
    can_change: Permission


class TeamWish(Wire, frozen=True):
    """What a team is to be called and where it lies; without ``parent`` at the top.

    ``role`` is the id of the role that its members are to have within the team, null for none; absent, it stays.
    """

    name: str
    parent: UUID | None = None
    role: str | msgspec.UnsetType | None = msgspec.UNSET
