"""The audit in the browser's tab: what was read of it, and what narrows it."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.audit_views import (
    ActGroup,
    ActView,
    CheckpointView,
    Narrow,
    act_groups,
    act_view,
    checkpoint_view,
    narrow_of,
    path_of,
    query_of,
)
from ui.directory_views import Choice, reason
from ui.requests import ApiError
from ui.session import explained, session_of


class Audit(rx.State):
    """The acts that are shown, newest first, and the newest checkpoint."""

    acts: rx.Field[list[ActView]] = rx.field(default_factory=list)
    groups: rx.Field[list[ActGroup]] = rx.field(default_factory=list)
    people: rx.Field[list[Choice]] = rx.field(default_factory=list)
    checkpoint: CheckpointView = CheckpointView()
    wanted: Narrow = Narrow()
    exported: str = ""
    no_export: str = ""
    older: bool = False
    loaded: bool = False
    busy: bool = False
    forbidden: bool = False
    error: str = ""
    _cursor: str = ""
    _signed: int = 0

    @rx.event
    def enter(self) -> EventSpec:
        """Take what narrows the list from the address."""
        wanted = narrow_of(self.router.url.query_parameters)
        if wanted != self.wanted:
            self.wanted, self.loaded = wanted, False
        query = query_of(wanted)
        self.exported = f"&{query}" if query else ""
        return Audit.load

    @rx.event
    def narrow(self, name: str, value: str) -> EventSpec | None:
        """Go to the address of the list that is narrowed so."""
        changed = replace(self.wanted, **{name: value.strip()})
        return None if changed == self.wanted else rx.redirect(path_of(changed))

    @rx.event
    def find(self, form: dict[str, Any]) -> EventSpec | None:
        """The same for the words that were typed."""
        changed = replace(self.wanted, q=str(form.get("q", "")).strip())
        return None if changed == self.wanted else rx.redirect(path_of(changed))

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the newest acts, how far they are signed, and what the list can be narrowed by."""
        async with self:
            api, wanted, known = Api(session_of(self)), self.wanted, bool(self.groups)
        people = [Choice()]
        try:
            newest = await api.audit_checkpoint()
            page = await api.audit(query_of(wanted))
            acts = [] if known else act_groups(await api.audit_acts())
            with suppress(ApiError):  # who may read the audit need not be allowed to see everybody
                people = [Choice(one.id, one.name) for one in (await api.members()).items]
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            if wanted != self.wanted:
                return
            self._signed = newest.size if newest else 0
            self.checkpoint = checkpoint_view(newest) if newest else CheckpointView()
            self.acts = [act_view(one, self._signed) for one in page.items]
            self.groups = acts or self.groups
            self.people = people
            self._cursor, self.older = page.next_cursor or "", page.next_cursor is not None
            self.no_export = reason(page.can_export)
            self.loaded, self.error, self.forbidden = True, "", False

    @rx.event(background=True)
    async def more(self) -> None:
        """Show older acts as well."""
        async with self:
            if self.busy or not self._cursor:
                return
            self.busy = True
            api, wanted, cursor = Api(session_of(self)), self.wanted, self._cursor
        try:
            page = await api.audit(query_of(wanted), cursor)
        except ApiError as error:
            async with self:
                self.error = await explained(self, error)
            return
        finally:
            async with self:
                self.busy = False
        async with self:
            if cursor == self._cursor:
                self.acts = [*self.acts, *(act_view(one, self._signed) for one in page.items)]
                self._cursor, self.older = page.next_cursor or "", page.next_cursor is not None
