"""The principal behind a request or an activity, and the tenant that a transaction is bound to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from backend.core.ids import OrgId, TeamId, UserId
from tenancy.permissions import Grants, Role
from tenancy.status import Status
from tenancy.system_roles import RoleInfo
from tenancy.tiers import Tier


class Channel(StrEnum):
    """By which way somebody acts; kept with decisions and in the audit."""

    WEB = "web"
    REST = "rest"
    API_KEY = "api_key"
    CLI = "cli"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class TenantContext:
    """What a transaction is bound to. Without a user it is the system working for the organization.

    ``key_prefix`` names the API key by which a program acts in somebody's name; the audit keeps it.
    """

    org_id: OrgId
    user_id: UserId | None = None
    channel: Channel = Channel.SYSTEM
    request_id: str | None = None
    key_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified person in one organization with their rights, and its tier and status, at this moment.

    ``grants`` come from their own role, ``team_grants`` from the roles of their teams. ``roles`` is the system role by
    which a policy may ask them; a role of the organization's own making has none.
    """

    user_id: UserId
    org_id: OrgId
    email: str
    name: str
    roles: tuple[Role, ...]
    grants: Grants = field(repr=False)
    team_ids: frozenset[TeamId] = frozenset()
    team_grants: Mapping[UUID, Grants] = field(default_factory=dict, repr=False)
    role: RoleInfo | None = None
    channel: Channel = Channel.REST
    request_id: str | None = None
    tier: Tier = Tier.FREE
    status: Status = Status.ACTIVE
    key_prefix: str | None = None

    @property
    def tenant(self) -> TenantContext:
        """The context for transactions of this person."""
        return TenantContext(
            self.org_id, self.user_id, self.channel, self.request_id, self.key_prefix
        )
