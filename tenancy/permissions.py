"""Rights, scopes and how far they reach. Decides from a principal's grants alone; reads no database.

A permission is written ``proposals:read:team``. ``*`` stands for every resource or every action: ``*:read:org``.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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


Grants = Mapping[Right, Scope]
_SCOPES = {str(scope): scope for scope in Scope}
_OF_ALL = frozenset({"users", "settings", "billing", "api_keys", "audit_logs"})
_OF_TEAMS = frozenset({"proposals", "runs", "documents", "analytics"})


def narrowest(right: Right) -> Scope:
    """The narrowest scope in which the right exists: members, settings or an export are of all or of nobody."""
    resource, _, action = right.partition(":")
    return Scope.ORG if resource in _OF_ALL or action == "export" else Scope.SELF


def united(several: Iterable[Grants]) -> Grants:
    """The widest scope of each right."""
    union: dict[Right, Scope] = {}
    for grants in several:
        for right, scope in grants.items():
            union[right] = max(scope, union.get(right, scope))
    return union


def in_team(grants: Grants) -> Grants:
    """What of ``grants`` a team's role gives its members, within that team: rights over what belongs to teams.

    Whatever its scope, it ends at the team. Playbooks, policies, connections, people and settings belong to no team.
    """
    return {
        right: min(scope, Scope.TEAM)
        for right, scope in grants.items()
        if right.partition(":")[0] in _OF_TEAMS and narrowest(right) is Scope.SELF
    }


def beyond(grants: Grants, own: Grants) -> list[str]:
    """What of ``grants`` somebody with ``own`` lacks, as texts: nobody gives more than they have."""
    more = {right: scope for right, scope in grants.items() if scope > own.get(right, 0)}
    return permission_names(more)


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
        """Their rights by their own role."""

    @property
    def team_grants(self) -> Mapping[UUID, Grants]:
        """What the roles of their teams add, within each of them: see :func:`in_team`."""

    @property
    def roles(self) -> tuple[Role, ...]:
        """The system role that they have themselves, by which a policy may ask them."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which rows a right covers: all of the organization, or those of some teams, one's own, and those that ask one.

    ``names`` are those by which a row can ask somebody: see :func:`asking`. With ``only_in`` one's own rows and those
    that ask one count in these teams alone: the right comes from these teams' roles.
    """

    everything: bool
    team_ids: frozenset[UUID]
    user_id: UUID
    names: frozenset[str] = frozenset()
    only_in: frozenset[UUID] | None = None

    def covers(self, *, owner: UUID | None, team: UUID | None, asks: Iterable[str] = ()) -> bool:
        """Whether a row with this owner and team that asks these lies within reach."""
        if self.spans(team):
            return True
        concerns = owner == self.user_id or not self.names.isdisjoint(asks)
        return concerns and self.touches(team)

    def spans(self, team: UUID | None) -> bool:
        """Whether it covers every row of the team; without a team, of those that have none."""
        return self.everything or (team is not None and team in self.team_ids)

    def touches(self, team: UUID | None) -> bool:
        """Whether it covers some rows of the team, be it one's own."""
        return self.only_in is None or (team is not None and team in self.only_in)

    def both(self, other: "Reach") -> "Reach":
        """What this one and another right of the same person both cover."""
        if self.everything:
            return other
        if other.everything:
            return self
        if self.only_in is None or other.only_in is None:
            only_in = other.only_in if self.only_in is None else self.only_in
        else:
            only_in = self.only_in & other.only_in
        return replace(self, team_ids=self.team_ids & other.team_ids, only_in=only_in)


def asking(
    *, role: Role | None = None, team: UUID | None = None, person: UUID | None = None
) -> str:
    """The name by which a row asks everybody with a role, in a team, or one person."""
    if role is not None:
        return f"role:{role}"
    return f"team:{team}" if team is not None else f"person:{person}"


def lacks(holder: Holder, right: Right) -> PermissionDeniedError | None:
    """Why the holder may not; None when they have the right in any scope, be it in one team."""
    if right in holder.grants or any(right in one for one in holder.team_grants.values()):
        return None
    return PermissionDeniedError(f"this needs the permission {right}", permission=str(right))


def authorize(holder: Holder, right: Right) -> Reach:
    """How far ``right`` reaches for this holder. Raises :class:`PermissionDeniedError` naming it when absent."""
    if (reach := reach_of(holder, right)) is None:
        raise PermissionDeniedError(f"this needs the permission {right}", permission=str(right))
    return reach


def reach_of(holder: Holder, right: Right) -> Reach | None:
    """How far ``right`` reaches for this holder; None when they lack it."""
    own = holder.grants.get(right)
    added = {team: one[right] for team, one in holder.team_grants.items() if right in one}
    if own is None and not added:
        return None
    teams = {team for team, scope in added.items() if scope >= Scope.TEAM}
    if own is not None and own >= Scope.TEAM:
        teams |= holder.team_ids
    return Reach(
        everything=own is not None and own >= Scope.ORG,
        team_ids=frozenset(teams),
        user_id=holder.user_id,
        names=answers_to(holder),
        only_in=frozenset(added) if own is None else None,
    )


def answers_to(holder: Holder) -> frozenset[str]:
    """The names by which a row can ask this holder."""
    return _names(holder.user_id, holder.team_ids, holder.roles)


@functools.lru_cache(maxsize=4096)
def _names(user_id: UUID, team_ids: frozenset[UUID], roles: tuple[Role, ...]) -> frozenset[str]:
    names = {asking(person=user_id)}
    names |= {asking(team=team) for team in team_ids}
    names |= {asking(role=role) for role in roles}
    return frozenset(names)


def all_grants(holder: Holder) -> Grants:
    """Everything the holder may do somewhere: by their own role, and in a team of theirs by its role."""
    return united([holder.grants, *holder.team_grants.values()])


def grants_from(texts: Iterable[str]) -> Grants:
    """Permissions as somebody writes them. Raises :class:`ValueError` that names one which does not exist."""
    written = tuple(texts)
    for text in written:
        if not _meant(text):
            raise ValueError(
                f"there is no permission {text!r}; write one as proposals:read:team or *:read:org"
            )
    return expanded(written)


@functools.lru_cache(maxsize=4096)
def expanded(texts: tuple[str, ...]) -> Grants:
    """What stored permissions mean today: a wildcard takes in what came later, a right that is gone means nothing."""
    return united(_meant(text) for text in texts)


def includes(texts: Iterable[str], text: str) -> bool:
    """Whether one of ``texts`` permits all that ``text`` does, now and whatever rights are added later."""
    resource, action, scope = text.split(":")
    return any(
        of in ("*", resource) and act in ("*", action) and _SCOPES[at] >= _SCOPES[scope]
        for of, act, at in (other.split(":") for other in texts)
    )


@functools.lru_cache(maxsize=4096)
def _meant(text: str) -> Grants:
    """The rights that one text names; none when nothing is called so."""
    match text.split(":"):
        case [resource, action, scope] if scope in _SCOPES:
            return {
                right: _SCOPES[scope]
                for right in Right
                if resource in ("*", right.partition(":")[0])
                and action in ("*", right.partition(":")[2])
                and _SCOPES[scope] >= narrowest(right)
            }
    return {}


def narrowed(grants: Grants, to: Grants) -> Grants:
    """What of ``grants`` is also in ``to``, at the narrower scope of the two."""
    return {right: min(scope, to[right]) for right, scope in grants.items() if right in to}


def permission_names(grants: Grants) -> list[str]:
    """All permissions as texts, sorted: ``proposals:read:team``."""
    return sorted(f"{right}:{scope}" for right, scope in grants.items())
