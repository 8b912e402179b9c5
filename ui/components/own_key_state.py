"""API keys in the browser's tab: what was read, the form of a new one, and the secret that is shown once."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.api_keys import ApiKeySecret
from ui.api_client import Api
from ui.components.bridge import focus_on, notify
from ui.directory_views import Choice
from ui.own_key_views import (
    Group,
    KeyView,
    UnfitKeyError,
    groups,
    key_view,
    lacking,
    reaches,
    wanted,
)
from ui.reflex_types import call
from ui.requests import ApiError
from ui.session import explained, session_of


class OwnKeys(rx.State):
    """The list, which key is asked about, and what was just made. ``secret`` lives until somebody has it.

    ``made`` counts the secrets, so that the form begins anew after each.
    """

    all: rx.Field[list[KeyView]] = rx.field(default_factory=list)
    groups: rx.Field[list[Group]] = rx.field(default_factory=list)
    reaches: rx.Field[list[Choice]] = rx.field(default_factory=list)
    loaded: bool = False
    forbidden: bool = False
    error: str = ""
    locked: str = ""
    mistake: str = ""
    busy: bool = False
    asked: KeyView = KeyView()
    secret: str = ""
    secret_of: str = ""
    made: int = 0
    _permissions: list[str] = []  # noqa: RUF012 - Reflex copies it for each tab

    @rx.event
    def open(self) -> EventSpec:
        """A page that is opened shows no secret of before."""
        self.secret, self.secret_of, self.mistake = "", "", ""
        return call(OwnKeys.load)

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the keys, and what oneself may."""
        async with self:
            api = Api(session_of(self))
        try:
            me, found = await api.me(), await api.api_keys()
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        now = datetime.now(UTC)
        async with self:
            self._permissions = me.permissions
            self.all = [key_view(one, me.user.id, me.permissions, now) for one in found]
            self.groups, self.reaches = groups(me.permissions), reaches(me.permissions)
            self.locked = lacking("api_keys:create", me.permissions)
            self.loaded, self.error, self.forbidden = True, "", False

    @rx.event
    def ask(self, key_id: str) -> None:
        """Name in the question which key it is about."""
        self.asked = next(one for one in self.all if one.id == key_id)

    @rx.event
    def forget(self) -> EventSpec:
        """The secret was copied: it leaves the page for good."""
        self.secret, self.secret_of = "", ""
        return focus_on("#key-name")

    @rx.event(background=True)
    async def make(self, form: dict[str, Any]) -> list[EventSpec]:
        """Make the key that the form asks for. After a refusal what was chosen is still there."""
        async with self:
            try:
                key = wanted(form, self._permissions, datetime.now(UTC))
            except UnfitKeyError as error:
                self.mistake = str(error)
                return [focus_on("#key-mistake")]
        return await self._show(lambda api: api.make_api_key(key))

    @rx.event(background=True)
    async def rotate(self) -> list[EventSpec]:
        """Give the key that was asked about another secret."""
        async with self:
            key = self.asked
        return await self._show(lambda api: api.rotate_api_key(key.id))

    @rx.event(background=True)
    async def revoke(self) -> list[EventSpec]:
        """End the key that was asked about."""
        async with self:
            if self.busy:
                return []
            self.busy, key, api = True, self.asked, Api(session_of(self))
        try:
            await api.revoke_api_key(key.id)
        except ApiError as error:
            return [notify("refused", "The key was not revoked", error.detail), call(OwnKeys.load)]
        finally:
            async with self:
                self.busy = False
        said = "Whoever uses it is refused from now on."
        return [notify("executed", f"Revoked: {key.name}", said), call(OwnKeys.load)]

    async def _show(self, act: Callable[[Api], Awaitable[ApiKeySecret]]) -> list[EventSpec]:
        async with self:
            if self.busy:
                return []
            self.busy, api = True, Api(session_of(self))
        try:
            made = await act(api)
        except ApiError as error:
            async with self:
                self.mistake = await explained(self, error)
            return [focus_on("#key-mistake"), call(OwnKeys.load)]
        finally:
            async with self:
                self.busy = False
        async with self:
            self.secret, self.secret_of, self.mistake = made.secret, made.api_key.name, ""
            self.made += 1
        return [focus_on("#new-key"), call(OwnKeys.load)]
