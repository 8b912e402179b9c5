"""Roles on the wire."""

import msgspec

from backend.schemas.common import Permission, Wire


class RoleInfo(Wire, frozen=True):
    """A role. ``id`` is what members and teams are given it by: of a system role its name.

    ``permissions`` are as they were written (``resource:action:scope``, ``*`` for every resource or action), ``grants``
    what that permits today. ``members`` have it themselves, ``teams`` (names) give it to their members within the team.
    """

    id: str
    name: str
    custom: bool
    permissions: list[str]
    grants: list[str]
    members: int
    teams: list[str]
    can_give: Permission
    can_change: Permission


class RightInfo(Wire, frozen=True):
    """Something that can be permitted, in which ``scopes``; ``yours`` is the widest that the reader may give."""

    resource: str
    action: str
    scopes: list[str]
    yours: str | None


class RoleList(Wire, frozen=True):
    """The system roles, the one with most rights first, then the organization's own by name; and all rights."""

    items: list[RoleInfo]
    rights: list[RightInfo]
    can_create: Permission


class RoleWish(Wire, frozen=True):
    """A role as somebody wants it."""

    name: str
    permissions: list[str]


class RoleUpdate(Wire, frozen=True):
    """Body of ``PATCH /roles/{id}``: what is absent stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    permissions: list[str] | msgspec.UnsetType = msgspec.UNSET
