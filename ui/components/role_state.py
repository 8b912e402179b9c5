"""Roles in the browser's tab: what was read, the role whose form is open, and the acts that change roles."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.roles import RightInfo, RoleInfo
from ui.api_client import Api
from ui.components.acting import carry_out
from ui.components.bridge import focus_on, notify
from ui.reflex_types import call
from ui.requests import ApiError
from ui.role_views import (
    FieldGroup,
    RolesView,
    RoleView,
    form_of,
    holders,
    permissions_of,
    roles_view,
)
from ui.session import explained, session_of

_NEW = "new"
_NAME = "#role-name"


class Roles(rx.State):
    """``editing`` is the id of the role whose form is open, or says that a new one is being made."""

    view: RolesView = RolesView()
    loaded: bool = False
    forbidden: bool = False
    error: str = ""
    busy: bool = False
    editing: str = ""
    role: RoleView = RoleView()
    groups: rx.Field[list[FieldGroup]] = rx.field(default_factory=list)
    holders: str = ""
    mistake: str = ""
    asked: RoleView = RoleView()
    _roles: list[RoleInfo] = []  # noqa: RUF012 - Reflex copies it for each tab
    _rights: list[RightInfo] = []  # noqa: RUF012

    @rx.event(background=True)
    async def load(self) -> None:
        """Read all roles anew."""
        async with self:
            api = Api(session_of(self))
        try:
            found = await api.roles()
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            self._roles, self._rights, self.view = found.items, found.rights, roles_view(found)
            self.loaded, self.error, self.forbidden = True, "", False

    @rx.event
    def make(self) -> EventSpec:
        """Open the form of a new role."""
        self._open(_NEW, RoleView())
        return focus_on(_NAME)

    @rx.event(background=True)
    async def edit(self, role_id: str) -> EventSpec:
        """Open the form of a role, with the names of who has it."""
        async with self:
            self._open(role_id, next(one for one in self.view.own if one.id == role_id))
            api = Api(session_of(self))
        try:
            page = await api.members(role=role_id)
        except ApiError as error:
            return notify("refused", "Who has the role could not be read", error.detail)
        async with self:
            if self.editing == role_id:
                self.holders = holders([one.name for one in page.items], page.total)
        return focus_on(_NAME)

    @rx.event
    def leave(self) -> None:
        """Close the form; nothing is changed."""
        self.editing = ""

    @rx.event(background=True)
    async def save(self, form: dict[str, Any]) -> list[EventSpec] | EventSpec | None:
        """Make or change the role. After a refusal what was chosen still stands in the form."""
        name, permissions = str(form.get("name", "")), permissions_of(form)
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
            role_id = "" if self.editing == _NEW else self.editing
        try:
            await api.keep_role(name, permissions, role_id)
        except ApiError as error:
            async with self:
                self.mistake = await explained(self, error)
            return focus_on(_NAME)
        else:
            async with self:
                self.editing = ""
        finally:
            async with self:
                self.busy = False
        said = "It holds from everybody's next click on." if role_id else "Members can be given it."
        return [notify("executed", "Role saved", said), call(Roles.load)]

    @rx.event
    def ask(self, role_id: str) -> None:
        """Name in the question which role is about to be deleted."""
        self.asked = next(one for one in self.view.own if one.id == role_id)

    @rx.event(background=True)
    async def delete(self) -> list[EventSpec]:
        """Delete the role that was asked about."""
        async with self:
            role, api = self.asked, Api(session_of(self))
            self.editing = "" if self.editing == role.id else self.editing
        said, again = f"Deleted: {role.name}", call(Roles.load)
        refused = "Nothing was deleted"
        return await carry_out(
            api, lambda api: api.delete_role(role.id), said, again, refused=refused
        )

    def _open(self, editing: str, role: RoleView) -> None:
        self.editing, self.role, self.holders, self.mistake = editing, role, "", ""
        known = next((one for one in self._roles if one.id == role.id), None)
        self.groups = form_of(known, self._rights)
