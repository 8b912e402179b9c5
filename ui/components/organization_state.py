"""The organization in the browser's tab: what is said of it, its name, and the way out."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.organizations import Organization
from ui.api_client import Api
from ui.components.bridge import focus_on, notify
from ui.directory_views import reason
from ui.formats import written_date
from ui.reflex_types import call
from ui.requests import ApiError
from ui.session import Session, explained, session_of
from ui.settings_views import name_mistake


class Home(rx.State):
    """What the page shows. ``locked`` says why the reader cannot change the name."""

    slug: str = ""
    name: str = ""
    status: str = ""
    residency: str = ""
    tier: str = ""
    since: str = ""
    locked: str = ""
    loaded: bool = False
    error: str = ""
    forbidden: bool = False
    mistake: str = ""
    busy: bool = False

    @rx.event(background=True)
    async def load(self) -> None:
        """Read what is said of the organization."""
        async with self:
            api, self.mistake, self.busy = Api(session_of(self)), "", False
        try:
            found = await api.organization()
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            self._show(found)

    @rx.event(background=True)
    async def rename(self, form: dict[str, Any]) -> list[EventSpec] | EventSpec | None:
        """Change the name. After a refusal what was typed is still there."""
        name = str(form.get("name", "")).strip()
        async with self:
            if self.busy:
                return None
            self.mistake = name_mistake(name)
            if self.mistake:
                return focus_on("#name")
            self.busy, api = True, Api(session_of(self))
        try:
            found = await api.rename_organization(name)
        except ApiError as error:
            async with self:
                self.mistake, self.busy = await explained(self, error), False
            return [focus_on("#name"), notify("refused", "The name was not saved", error.detail)]
        async with self:
            self._show(found)
            self.busy = False
            (await self.get_state(Session)).forget()
        return [notify("executed", "Saved", "Everybody sees the new name."), call(Session.boot)]

    @rx.event(background=True)
    async def leave(self) -> EventSpec | None:
        """End one's own membership, and this session with it."""
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
        try:
            await api.leave()
        except ApiError as error:
            return notify("refused", "You still belong here", error.detail)
        finally:
            async with self:
                self.busy = False
        async with self:
            (await self.get_state(Session)).leave = "/login"
        return None

    def _show(self, found: Organization) -> None:
        self.slug, self.name, self.tier = found.slug, found.name, found.tier.capitalize()
        self.status, self.residency = found.status.capitalize(), found.residency or "Not said"
        self.since, self.locked = (
            written_date(found.created_at.isoformat()),
            reason(found.can_rename),
        )
        self.loaded, self.error, self.forbidden = True, "", False
