"""The five system roles, written as the specification writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tenancy.permissions import Grants, Role, expanded


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role. ``key`` names it: a system role's name, or the id of one that an organization has made.

    ``permissions`` are as they were written, wildcards and all.
    """

    key: str
    name: str
    permissions: tuple[str, ...]
    is_custom: bool = False

    @property
    def grants(self) -> Grants:
        """What it permits today."""
        return expanded(self.permissions)


_PERMISSIONS: Mapping[Role, tuple[str, ...]] = {
    Role.SUPER_ADMIN: ("*:*:all",),
    Role.ORG_ADMIN: ("*:*:org",),
    Role.TEAM_LEAD: (
        "connectors:*:team",
        "analytics:read:team",
        "users:read:org",
        "settings:read:org",
        "api_keys:*:org",
        "audit_logs:read:org",
        "proposals:*:team",
        "runs:*:team",
        "playbooks:*:team",
        "documents:*:team",
        "policies:*:team",
    ),
    Role.MEMBER: (
        "connectors:*:self",
        "analytics:read:self",
        "settings:read:org",
        "proposals:read:self",
        "proposals:approve:self",
        "runs:read:self",
        "runs:create:self",
        "playbooks:read:self",
        "documents:read:self",
        "documents:create:self",
        "policies:read:self",
    ),
    Role.VIEWER: (
        "connectors:read:org",
        "analytics:read:org",
        "proposals:read:org",
        "runs:read:org",
        "playbooks:read:org",
        "documents:read:org",
        "policies:read:org",
    ),
}

SYSTEM_ROLES: Final[Mapping[Role, RoleInfo]] = {
    role: RoleInfo(str(role), str(role).replace("_", " ").capitalize(), permissions)
    for role, permissions in _PERMISSIONS.items()
}
"""By name, the one with most rights first."""
