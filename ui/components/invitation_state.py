"""Open invitations in the browser's tab: what was read, and the acts that change it."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.acting import Act, carry_out
from ui.components.bridge import focus_on, notify
from ui.directory_views import Choice, reason
from ui.invitation_views import (
    InvitationView,
    chosen_teams,
    invitation_view,
    role_choices,
    team_choices,
)
from ui.reflex_types import call
from ui.requests import ApiError
from ui.session import explained, session_of


class Invitations(rx.State):
    """What the panel shows, and the form of the dialog; ``sent`` counts the forms that are done with."""

    items: rx.Field[list[InvitationView]] = rx.field(default_factory=list)
    roles: rx.Field[list[Choice]] = rx.field(default_factory=list)
    teams: rx.Field[list[Choice]] = rx.field(default_factory=list)
    loaded: bool = False
    error: str = ""
    forbidden: bool = False
    locked: str = ""
    mistake: str = ""
    busy: bool = False
    sent: int = 0

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the open invitations, and what one can invite into."""
        async with self:
            api = Api(session_of(self))
        try:
            page = await api.invitations()
            found = list(page.items)
            while page.next_cursor:
                page = await api.invitations(page.next_cursor)
                found += page.items
            roles, teams = await api.roles(), await api.teams()
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            self.items = [invitation_view(one, roles.items) for one in found]
            self.roles, self.teams = role_choices(roles.items), team_choices(teams.items)
            self.locked = reason(page.can_invite)
            self.loaded, self.error, self.forbidden = True, "", False

    @rx.event(background=True)
    async def send(self, form: dict[str, Any]) -> list[EventSpec] | EventSpec | None:
        """Invite whom the form names; refused, the dialog stays and says why."""
        email, role = str(form.get("email", "")).strip(), str(form.get("role", ""))
        async with self:
            if self.busy:
                return None
            self.busy, self.mistake, api = True, "", Api(session_of(self))
        try:
            await api.invite(email, role, chosen_teams(form))
        except ApiError as error:
            async with self:
                self.mistake, self.busy = await explained(self, error), False
            return focus_on("#invite-email")
        async with self:
            self.busy, self.sent = False, self.sent + 1
        again = call(Invitations.load)
        said = notify("executed", "Invited", f"A link is on its way to {email}.")
        return [said, again, focus_on("#invite-open")]

    @rx.event(background=True)
    async def resend(self, invitation_id: str) -> list[EventSpec] | None:
        """Send another link; the old one is dead."""
        return await self._do(lambda api: api.resend_invitation(invitation_id), "Sent again")

    @rx.event(background=True)
    async def revoke(self, invitation_id: str) -> list[EventSpec] | None:
        """Take an invitation back."""
        return await self._do(lambda api: api.revoke_invitation(invitation_id), "Taken back")

    async def _do(self, act: Act, said: str) -> list[EventSpec] | None:
        """One act at a time."""
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
        try:
            return await carry_out(api, act, said, call(Invitations.load))
        finally:
            async with self:
                self.busy = False
