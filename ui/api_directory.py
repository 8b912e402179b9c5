"""What the API says of who belongs to the organization, in which role, and how people come in and leave."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from backend.schemas.common import Page
from backend.schemas.directory import (
    Member,
    MemberUpdate,
    Team,
    TeamList,
    TeamWish,
)
from backend.schemas.organizations import (
    Invitation,
    InvitationList,
    InvitationOffer,
    InvitationWish,
    KeptMail,
    Organization,
    OrganizationUpdate,
    Outbox,
)
from backend.schemas.roles import RoleInfo, RoleList, RoleUpdate, RoleWish
from ui.requests import Requests


class DirectoryApi(Requests):
    """Members, roles, teams, invitations and the organization itself."""

    async def members(self, cursor: str = "", role: str = "") -> Page[Member]:
        """Who belongs to the organization, or has the role, by name, from ``cursor`` on."""
        wanted = {"limit": "100", "cursor": cursor, "role": role}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return await self._get(f"/api/v1/members?{query}", Page[Member])

    async def roles(self) -> RoleList:
        """The roles that members and teams can have, and what a role can hold."""
        return await self._get("/api/v1/roles", RoleList)

    async def keep_role(self, name: str, permissions: list[str], role_id: str = "") -> RoleInfo:
        """Make a role, or give that of ``role_id`` this name and these permissions."""
        if not role_id:
            wish = RoleWish(name=name, permissions=permissions)
            return await self._post("/api/v1/roles", wish, RoleInfo)
        body = msgspec.json.encode(RoleUpdate(name=name, permissions=permissions))
        return await self._send("PATCH", f"/api/v1/roles/{role_id}", RoleInfo, body=body)

    async def delete_role(self, role_id: str) -> None:
        """Delete a role that nobody has."""
        await self._request("DELETE", f"/api/v1/roles/{role_id}")

    async def change_member(
        self, user_id: str, *, role: str = "", teams: Sequence[str] | None = None
    ) -> None:
        """Give a member another role or other teams."""
        change = MemberUpdate(
            role=role or msgspec.UNSET,
            teams=msgspec.UNSET if teams is None else [UUID(one) for one in teams],
        )
        body = msgspec.json.encode(change)
        await self._request("PATCH", f"/api/v1/members/{user_id}", body=body)

    async def remove_member(self, user_id: str) -> None:
        """End somebody's membership."""
        await self._request("DELETE", f"/api/v1/members/{user_id}")

    async def teams(self) -> TeamList:
        """All teams."""
        return await self._get("/api/v1/teams", TeamList)

    async def keep_team(
        self,
        name: str,
        parent: str,
        team_id: str = "",
        role: str | msgspec.UnsetType | None = msgspec.UNSET,
    ) -> Team:
        """Make a team, or give that of ``team_id`` this name and place, and its members this role."""
        wish = TeamWish(name=name, parent=UUID(parent) if parent else None, role=role)
        if not team_id:
            return await self._post("/api/v1/teams", wish, Team)
        body = msgspec.json.encode(wish)
        return await self._send("PUT", f"/api/v1/teams/{team_id}", Team, body=body)

    async def delete_team(self, team_id: str) -> None:
        """Delete an empty team."""
        await self._request("DELETE", f"/api/v1/teams/{team_id}")

    async def organization(self) -> Organization:
        """What is said of the organization."""
        return await self._get("/api/v1/organization", Organization)

    async def rename_organization(self, name: str) -> Organization:
        """Give the organization another name."""
        body = msgspec.json.encode(OrganizationUpdate(name=name))
        return await self._send("PATCH", "/api/v1/organization", Organization, body=body)

    async def leave(self) -> None:
        """End one's own membership."""
        await self._request("DELETE", "/api/v1/me/membership")

    async def outbox(self) -> list[KeptMail]:
        """The mail that the demo has kept, the newest first."""
        return (await self._get("/api/v1/outbox", Outbox)).items

    async def invitations(self, cursor: str = "") -> InvitationList:
        """Open invitations by address, from ``cursor`` on."""
        query = f"&cursor={cursor}" if cursor else ""
        return await self._get(f"/api/v1/invitations?limit=100{query}", InvitationList)

    async def invite(self, email: str, role: str, teams: Sequence[str]) -> Invitation:
        """Send somebody a link into the organization."""
        wish = InvitationWish(email=email, role=role, teams=tuple(UUID(one) for one in teams))
        return await self._post("/api/v1/invitations", wish, Invitation)

    async def resend_invitation(self, invitation_id: str) -> Invitation:
        """Send another link."""
        path = f"/api/v1/invitations/{invitation_id}/resend"
        return await self._send("POST", path, Invitation)

    async def revoke_invitation(self, invitation_id: str) -> None:
        """Take an invitation back."""
        await self._request("DELETE", f"/api/v1/invitations/{invitation_id}")

    async def offer(self, token: str) -> InvitationOffer:
        """What the link of an invitation offers."""
        return await self._get(
            f"/api/v1/auth/invitation?{urlencode({'token': token})}", InvitationOffer
        )
