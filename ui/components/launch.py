"""Starting a playbook: the button on the matrix and its menu."""

from dataclasses import dataclass, field

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.playbooks import Playbook
from ui.api_client import Api
from ui.components.bridge import notify
from ui.reflex_types import call, cond, count, el, foreach, fragment, longer, negate
from ui.requests import ApiError
from ui.run_views import readable
from ui.session import explained, session_of
from ui.theme import icon

LIMITS = {
    "minDaysOverdue": "How many days overdue at least",
    "maxInvoices": "How many invoices at most",
    "maxPairs": "How many pairs at most",
}
"""What a run can be limited by, in words."""


@dataclass(frozen=True)
class PlaybookView:
    """One playbook as a card or a menu entry."""

    id: str = ""
    slug: str = ""
    name: str = ""
    version: str = ""
    goal: str = ""
    model: str = ""
    actions: list[str] = field(default_factory=list)
    approval: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    can_run: bool = False
    cannot_run_reason: str = ""


class Launch(rx.State):
    """The playbooks of this organization, and the one that is being started."""

    playbooks: rx.Field[list[PlaybookView]] = rx.field(default_factory=list)
    loaded: bool = False
    forbidden: bool = False
    error: str = ""
    busy: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the playbooks once per page."""
        async with self:
            if self.loaded:
                return
            session = session_of(self)
        try:
            playbooks = [playbook_view(p) for p in await Api(session).playbooks()]
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            self.playbooks, self.loaded = playbooks, True
            self.error, self.forbidden = "", False

    @rx.event(background=True)
    async def run(self, playbook_id: str) -> EventSpec | None:
        """Start a run. Its proposals arrive through the change stream."""
        async with self:
            if self.busy:
                return None
            self.busy = playbook_id
            session = session_of(self)
        try:
            run = await Api(session).start_run(playbook_id)
            return notify(
                "queued", f"{run.playbook} is running", "Proposals appear here as they are made."
            )
        except ApiError as error:
            return notify("refused", "The run was not started", error.detail)
        finally:
            async with self:
                self.busy = ""


def playbook_view(playbook: Playbook) -> PlaybookView:
    """The wire's playbook as the pages show it."""
    return PlaybookView(
        id=playbook.id,
        slug=playbook.slug,
        name=playbook.name,
        version=f"version {playbook.version}",
        goal=playbook.goal,
        model="Offline rules" if playbook.model.partition(":")[0] == "rules" else playbook.model,
        actions=playbook.actions,
        approval=playbook.approval,
        limits=[LIMITS.get(name, readable(name)) for name in playbook.inputs],
        can_run=playbook.can_run,
        cannot_run_reason=playbook.cannot_run_reason or "",
    )


def run_button() -> rx.Component:
    """Starts the only playbook, or opens a menu of several."""
    only = foreach(
        Launch.playbooks,
        lambda p: el.button(
            *_face(),
            id="run-playbook",
            class_name="cs-btn primary",
            title=cond(p.can_run, p.name, p.cannot_run_reason),
            disabled=negate(p.can_run) | (Launch.busy != ""),
            on_click=call(Launch.run, p.id),
        ),
    )
    several = fragment(
        el.button(
            *_face(),
            id="run-playbook",
            class_name="cs-btn primary",
            custom_attrs={"popovertarget": "playbooks"},
        ),
        el.div(
            foreach(Launch.playbooks, _entry),
            id="playbooks",
            class_name="cs-menu at-run",
            custom_attrs={"popover": "auto"},
        ),
    )
    none = el.button(*_face(), id="run-playbook", class_name="cs-btn primary", disabled=True)
    return cond(
        count(Launch.playbooks) == 1, only, cond(longer(Launch.playbooks, 1), several, none)
    )


def _face() -> tuple[rx.Component, rx.Component]:
    busy = el.span(icon("loader-circle", 14), class_name="busy row")
    return cond(Launch.busy != "", busy, icon("play", 14)), el.span(
        "Run playbook", class_name="words"
    )


def _entry(playbook: PlaybookView) -> rx.Component:
    return el.button(
        icon("play", 14),
        el.span(playbook.name, class_name="grow trunc"),
        class_name="it",
        title=playbook.cannot_run_reason,
        disabled=negate(playbook.can_run) | (Launch.busy != ""),
        on_click=call(Launch.run, playbook.id),
        custom_attrs={"popovertarget": "playbooks", "popovertargetaction": "hide"},
    )
