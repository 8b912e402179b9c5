"""Rights, scopes and the five system roles. Decides from a principal's grants alone; reads no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol
from uuid import UUID

from backend.core.errors import PermissionDeniedError


class Scope(IntEnum):
    """How far a right reaches. A wider scope implies the narrower ones."""

    SELF = 1
    TEAM = 2
    ORG = 3
    ALL = 4

    def __str__(self) -> str:
        return self.name.lower()


class Right(StrEnum):
    """``resource:action``. With a scope behind it, it is a permission: ``proposals:read:team``."""

    CONNECTORS_READ = "connectors:read"
    CONNECTORS_CREATE = "connectors:create"
    CONNECTORS_UPDATE = "connectors:update"
    CONNECTORS_DELETE = "connectors:delete"
    CONNECTORS_EXPORT = "connectors:export"
    ANALYTICS_READ = "analytics:read"
    ANALYTICS_EXPORT = "analytics:export"
    USERS_READ = "users:read"
    USERS_CREATE = "users:create"
    USERS_UPDATE = "users:update"
    USERS_DELETE = "users:delete"
    SETTINGS_READ = "settings:read"
    SETTINGS_UPDATE = "settings:update"
    SETTINGS_ADMIN = "settings:admin"
    BILLING_READ = "billing:read"
    BILLING_UPDATE = "billing:update"
    BILLING_ADMIN = "billing:admin"
    API_KEYS_READ = "api_keys:read"
    API_KEYS_CREATE = "api_keys:create"
    API_KEYS_DELETE = "api_keys:delete"
    AUDIT_LOGS_READ = "audit_logs:read"
    AUDIT_LOGS_EXPORT = "audit_logs:export"
    PROPOSALS_READ = "proposals:read"
    PROPOSALS_UPDATE = "proposals:update"
    PROPOSALS_APPROVE = "proposals:approve"
    RUNS_CREATE = "runs:create"
    RUNS_READ = "runs:read"
    RUNS_UPDATE = "runs:update"
    PLAYBOOKS_READ = "playbooks:read"
    PLAYBOOKS_UPDATE = "playbooks:update"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_CREATE = "documents:create"
    DOCUMENTS_UPDATE = "documents:update"
    DOCUMENTS_DELETE = "documents:delete"
    POLICIES_READ = "policies:read"
    POLICIES_UPDATE = "policies:update"


class Role(StrEnum):
    """The system roles."""

    SUPER_ADMIN = "super_admin"
    ORG_ADMIN = "org_admin"
    TEAM_LEAD = "team_lead"
    MEMBER = "member"
    VIEWER = "viewer"


Grants = dict[Right, Scope]

_CONNECTORS = (
    Right.CONNECTORS_READ,
    Right.CONNECTORS_CREATE,
    Right.CONNECTORS_UPDATE,
    Right.CONNECTORS_DELETE,
)
_API_KEYS = (Right.API_KEYS_READ, Right.API_KEYS_CREATE, Right.API_KEYS_DELETE)
_OURS = tuple(
    right
    for right in Right
    if right.split(":")[0] in ("proposals", "runs", "playbooks", "documents", "policies")
)
_OURS_READ = tuple(right for right in _OURS if right.endswith(":read"))
_MEMBER_OURS = (*_OURS_READ, Right.RUNS_CREATE, Right.DOCUMENTS_CREATE, Right.PROPOSALS_APPROVE)


def _at(scope: Scope, *rights: Right) -> Grants:
    return dict.fromkeys(rights, scope)


ROLE_GRANTS: dict[Role, Grants] = {
    Role.SUPER_ADMIN: _at(Scope.ALL, *Right),
    Role.ORG_ADMIN: _at(Scope.ORG, *Right),
    Role.TEAM_LEAD: (
        _at(Scope.TEAM, *_CONNECTORS, Right.ANALYTICS_READ, *_OURS)
        | _at(Scope.ORG, Right.USERS_READ, Right.SETTINGS_READ, *_API_KEYS, Right.AUDIT_LOGS_READ)
    ),
    Role.MEMBER: (
        _at(Scope.SELF, *_CONNECTORS, Right.ANALYTICS_READ, *_MEMBER_OURS)
        | _at(Scope.ORG, Right.SETTINGS_READ)
    ),
    Role.VIEWER: _at(Scope.ORG, Right.CONNECTORS_READ, Right.ANALYTICS_READ, *_OURS_READ),
}


def grants_of(roles: Iterable[Role]) -> Grants:
    """The union of the roles' grants: the widest scope of each right."""
    union: Grants = {}
    for role in roles:
        for right, scope in ROLE_GRANTS[role].items():
            union[right] = max(scope, union.get(right, scope))
    return union


class Holder(Protocol):
    """Whoever holds grants; ``tenancy.context.Principal`` is one."""

    @property
    def user_id(self) -> UUID:
        """The person."""

    @property
    def team_ids(self) -> frozenset[UUID]:
        """The teams of the person."""

    @property
    def grants(self) -> Grants:
        """Their rights."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that their rights come from."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which rows a right covers: all of the organization, or those of some teams, one's own, and those that ask one.

    ``names`` are those by which a row can ask somebody: see :func:`asking`.
    """

    everything: bool
    team_ids: frozenset[UUID]
    user_id: UUID
    names: frozenset[str] = frozenset()

    def covers(self, *, owner: UUID | None, team: UUID | None, asks: Iterable[str] = ()) -> bool:
        """Whether a row with this owner and team that asks these lies within reach."""
        return (
            self.everything
            or owner == self.user_id
            or (team is not None and team in self.team_ids)
            or not self.names.isdisjoint(asks)
        )


def asking(
    *, role: Role | None = None, team: UUID | None = None, person: UUID | None = None
) -> str:
    """The name by which a row asks everybody with a role, in a team, or one person."""
    if role is not None:
        return f"role:{role}"
    return f"team:{team}" if team is not None else f"person:{person}"


def authorize(holder: Holder, right: Right) -> Reach:
    """How far ``right`` reaches for this holder. Raises :class:`PermissionDeniedError` naming it when absent."""
    scope = holder.grants.get(right)
    if scope is None:
        raise PermissionDeniedError(f"this needs the permission {right}", permission=str(right))
    teams = holder.team_ids if scope >= Scope.TEAM else frozenset[UUID]()
    names = {asking(person=holder.user_id)}
    names |= {asking(team=team) for team in holder.team_ids}
    names |= {asking(role=role) for role in holder.roles}
    return Reach(
        everything=scope >= Scope.ORG,
        team_ids=teams,
        user_id=holder.user_id,
        names=frozenset(names),
    )


def permission_names(grants: Grants) -> list[str]:
    """All permissions as texts, sorted: ``proposals:read:team``."""
    return sorted(f"{right}:{scope}" for right, scope in grants.items())
