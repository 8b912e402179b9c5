"""The principal behind a request or an activity, and the tenant that a transaction is bound to."""

from dataclasses import dataclass, field
from enum import StrEnum

from backend.core.ids import OrgId, TeamId, UserId
from tenancy.permissions import Grants, Role


class Channel(StrEnum):
    """By which way somebody acts; kept with decisions and in the audit."""

    WEB = "web"
    REST = "rest"
    CLI = "cli"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class TenantContext:
    """What a transaction is bound to. Without a user it is the system working for the organization."""

    org_id: OrgId
    user_id: UserId | None = None
    channel: Channel = Channel.SYSTEM
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified person in one organization with their rights at this moment."""

    user_id: UserId
    org_id: OrgId
    email: str
    name: str
    roles: tuple[Role, ...]
    grants: Grants = field(repr=False)
    team_ids: frozenset[TeamId] = frozenset()
    channel: Channel = Channel.REST
    request_id: str | None = None

    @property
    def tenant(self) -> TenantContext:
        """The context for transactions of this person."""
        return TenantContext(self.org_id, self.user_id, self.channel, self.request_id)
