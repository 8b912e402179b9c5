"""Members and teams in the browser's tab: what was read, and the acts that change it."""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.directory import Member, Team
from backend.schemas.roles import RoleInfo
from ui.api_client import Api
from ui.components.acting import Act, carry_out
from ui.components.bridge import focus_on
from ui.directory_views import MemberView, TeamView, member_view, moved, reason, team_views
from ui.reflex_types import call
from ui.requests import ApiError
from ui.session import Session, explained, session_of

_PAGE = 100


class Directory(rx.State):
    """What the page shows, and whom somebody is about to remove."""

    members: rx.Field[list[MemberView]] = rx.field(default_factory=list)
    teams: rx.Field[list[TeamView]] = rx.field(default_factory=list)
    total: int = 0
    loaded: bool = False
    forbidden: bool = False
    error: str = ""
    locked: str = ""
    busy: bool = False
    asked: MemberView = MemberView()
    more: bool = False
    _read: list[Member] = []  # noqa: RUF012 - Reflex copies it for each tab
    _wanted: int = _PAGE

    @rx.event(background=True)
    async def load(self) -> None:
        """Read members, roles and teams anew, as far as they were shown."""
        async with self:
            api, wanted = Api(session_of(self)), self._wanted
        try:
            page = await api.members()
            found = list(page.items)
            while page.next_cursor and len(found) < wanted:
                page = await api.members(page.next_cursor)
                found += page.items
            roles, teams = await api.roles(), await api.teams()
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            self._show(found, roles.items, teams.items, (await self.get_state(Session)).me.user_id)
            self.total, self.more = page.total, page.next_cursor is not None
            self.locked = reason(teams.can_change)
            self.loaded, self.error, self.forbidden = True, "", False

    @rx.event
    def show_more(self) -> EventSpec:
        """The next page of members."""
        self._wanted += _PAGE
        return call(Directory.load)

    @rx.event
    def ask(self, user_id: str) -> None:
        """Name in the question who is about to be removed."""
        self.asked = next(one for one in self.members if one.id == user_id)

    @rx.event(background=True)
    async def give_role(self, user_id: str, role: str) -> list[EventSpec] | None:
        """Give a member another role."""
        return await self._do(lambda api: api.change_member(user_id, role=role), "Role changed")

    @rx.event(background=True)
    async def toggle_team(self, user_id: str, team: str) -> list[EventSpec] | None:
        """Put a member into a team, or take them out."""
        async with self:
            member = next(one for one in self._read if one.id == user_id)
        teams = moved(member.teams, team)
        return await self._do(lambda api: api.change_member(user_id, teams=teams), "Teams changed")

    @rx.event(background=True)
    async def remove(self) -> list[EventSpec] | None:
        """End the membership that was asked about."""
        async with self:
            member = self.asked
        return await self._do(lambda api: api.remove_member(member.id), f"Removed: {member.name}")

    @rx.event(background=True)
    async def make_team(self, form: dict[str, Any]) -> list[EventSpec] | None:
        """A new team at the top."""
        name = str(form.get("name", ""))
        made = await self._do(lambda api: api.keep_team(name, ""), "Team made")
        return [*(made or []), focus_on("#new-team")]

    @rx.event(background=True)
    async def keep_team(self, team: str, name: str, parent: str) -> list[EventSpec] | None:
        """Give a team another name or place."""
        async with self:
            now = next(one for one in self.teams if one.id == team)
        if (name, parent) == (now.name, now.parent):
            return None
        return await self._do(lambda api: api.keep_team(name, parent, team), "Team changed")

    @rx.event(background=True)
    async def give_team_role(self, team: str, role: str) -> list[EventSpec] | None:
        """Say what the members of a team may do within it."""
        async with self:
            now = next(one for one in self.teams if one.id == team)
        return await self._do(
            lambda api: api.keep_team(now.name, now.parent, team, role or None), "Role changed"
        )

    @rx.event(background=True)
    async def delete_team(self, team: str) -> list[EventSpec] | None:
        """Delete an empty team."""
        return await self._do(lambda api: api.delete_team(team), "Team deleted")

    async def _do(self, act: Act, said: str) -> list[EventSpec] | None:
        """One act at a time."""
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
        try:
            return await carry_out(api, act, said, call(Directory.load))
        finally:
            async with self:
                self.busy = False

    def _show(
        self, members: list[Member], roles: Sequence[RoleInfo], teams: Sequence[Team], me: str
    ) -> None:
        self._read = members
        self.members = [member_view(one, roles, teams, me) for one in members]
        self.teams = team_views(teams, roles)
