"""What starts a playbook by itself: its triggers with a switch each."""

import asyncio
from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.triggers import Trigger
from ui.api_client import Api
from ui.components.bridge import notify
from ui.components.island import Time
from ui.formats import sentence
from ui.reflex_types import call, cond, el, foreach, fragment, negate
from ui.requests import ApiError
from ui.session import explained, session_of
from ui.theme import icon

LOOKS = (
    6  # for the time of the next run, which is known once the engine has taken the schedule over
)
PAUSE = 0.5


@dataclass(frozen=True)
class TriggerView:
    """One trigger of one playbook."""

    playbook_id: str = ""
    kind: str = ""
    words: str = ""
    on: bool = False
    can_switch: bool = False
    by: str = ""
    off_reason: str = ""
    next_run_at: str = ""


class Triggers(rx.State):
    """The triggers of all playbooks, and the one that is being switched."""

    all: rx.Field[list[TriggerView]] = rx.field(default_factory=list)
    busy: str = ""
    _switched: int = 0

    @rx.event(background=True)
    async def load(self) -> EventSpec | None:
        """Read the triggers of every playbook; once more if one was switched while they were read."""
        async with self:
            api, switched = Api(session_of(self)), self._switched
        try:
            found = [
                trigger_view(playbook.id, one)
                for playbook in await api.playbooks()
                for one in await api.triggers(playbook.id)
            ]
        except ApiError as error:
            async with self:
                await explained(self, error)  # the page says what is wrong with its playbooks
            return None
        async with self:
            if switched != self._switched:
                return Triggers.load
            self.all = found
        return None

    @rx.event(background=True)
    async def switch(self, playbook_id: str, kind: str, on: bool) -> EventSpec | None:  # noqa: FBT001  Reflex passes it by place
        """Turn a trigger on or off, in one's own name."""
        async with self:
            if self.busy:
                return None
            self.busy, api = f"{playbook_id} {kind}", Api(session_of(self))
        try:
            switched = await api.switch_trigger(playbook_id, kind, enabled=on)
            async with self:
                self._put(trigger_view(playbook_id, switched))
                self._switched += 1
            if on and kind == "schedule":
                await self._await_next_run(api, playbook_id)
        except ApiError as error:
            return notify("refused", "It was not switched", error.detail)
        finally:
            async with self:
                self.busy = ""
        return None

    async def _await_next_run(self, api: Api, playbook_id: str) -> None:
        for _ in range(LOOKS):
            await asyncio.sleep(PAUSE)
            found = [trigger_view(playbook_id, one) for one in await api.triggers(playbook_id)]
            if any(one.next_run_at for one in found):
                async with self:
                    for one in found:
                        self._put(one)
                return

    def _put(self, new: TriggerView) -> None:
        key = (new.playbook_id, new.kind)
        self.all = [new if (one.playbook_id, one.kind) == key else one for one in self.all]


def trigger_view(playbook_id: str, one: Trigger) -> TriggerView:
    """The wire's trigger as the page shows it."""
    return TriggerView(
        playbook_id=playbook_id,
        kind=one.kind,
        words=f"{one.description[:1].upper()}{one.description[1:]}",
        on=one.enabled,
        can_switch=one.can_switch,
        by=one.enabled_by.name if one.enabled_by else "",
        off_reason=sentence(one.off_reason or ""),
        next_run_at=one.next_run_at.isoformat() if one.next_run_at else "",
    )


def trigger_list(playbook_id: object) -> rx.Component:
    """The triggers of one playbook."""
    return el.ul(
        foreach(
            Triggers.all,
            lambda one: cond(one.playbook_id == playbook_id, _trigger(one), fragment()),
        ),
        class_name="cs-triggers",
    )


def _trigger(one: TriggerView) -> rx.Component:
    switch = el.button(
        el.span(class_name=cond(one.on, "cs-switch on", "cs-switch"), aria_hidden="true"),
        el.span(one.words),
        type="button",
        role="switch",
        aria_checked=one.on,
        disabled=Triggers.busy != "",
        on_click=call(Triggers.switch, one.playbook_id, one.kind, negate(one.on)),
        custom_attrs={"data-trigger": one.kind},
    )
    fixed = el.span(
        cond(one.on, icon("check", 14), icon("minus", 14)), el.span(one.words), class_name="row"
    )
    return el.li(
        cond(one.can_switch, switch, fixed),
        cond(
            one.on & (one.by != ""),
            el.div(
                "In the name of ",
                el.bdi(one.by),
                cond(
                    one.next_run_at != "",
                    fragment(", next ", Time.create(at=one.next_run_at, form="moment")),
                ),
                class_name="t3 s12",
            ),
        ),
        cond(
            one.off_reason != "",
            el.div(icon("triangle-alert", 12), one.off_reason, class_name="row t2 s12"),
        ),
    )
