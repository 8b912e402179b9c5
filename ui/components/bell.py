"""The bell of the top bar: what the person was told, and how much of it is new."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.notifications import NotificationList
from ui.api_client import Api
from ui.components.island import Hear, Seal, Time
from ui.reflex_types import call, cond, el, foreach, fragment, longer
from ui.requests import ApiError
from ui.session import explained, session_of
from ui.theme import icon

EXACT_TO = 99


@dataclass(frozen=True)
class Notice:
    """One message as the list shows it."""

    id: str = ""
    text: str = ""
    seal: str = ""
    at: str = ""
    proposal_id: str = ""
    read: bool = True


class Bell(rx.State):
    """The person's messages: asked for once a visit, then again when the change stream tells of a new one."""

    notices: rx.Field[list[Notice]] = rx.field(default_factory=list)
    unread: int = 0
    detail: str = ""
    loaded: bool = False

    @rx.var
    def badge(self) -> str:
        """The number on the bell; empty when everything was read."""
        return badge(self.unread)

    @rx.var
    def label(self) -> str:
        """The bell's name for who does not see it."""
        return f"Messages, {badge(self.unread) or 'none'} unread"

    @rx.event(background=True)
    async def begin(self) -> None:
        """Load the messages, unless this visit has them already."""
        async with self:
            if self.loaded:
                return
        await self._take(Api.notifications)

    @rx.event(background=True)
    async def load(self) -> None:
        """Load the messages again."""
        await self._take(Api.notifications)

    @rx.event(background=True)
    async def open(self, notice: str, proposal: str) -> AsyncIterator[EventSpec]:
        """Show the card that a message is about; the message counts as read."""
        yield rx.redirect(f"/proposals/{proposal}")
        await self._take(lambda api: api.read_notifications([UUID(notice)]))

    @rx.event(background=True)
    async def read_all(self) -> None:
        """Mark every message as read."""
        await self._take(lambda api: api.read_notifications(None))

    async def _take(self, ask: Callable[[Api], Awaitable[NotificationList]]) -> None:
        async with self:
            session = session_of(self)
        if not session:
            return
        try:
            told = await ask(Api(session))
        except ApiError as error:
            async with self:
                self.detail = await explained(self, error)
            return
        async with self:
            self.notices, self.unread = notices(told), told.unread
            self.detail, self.loaded = "", True


def notices(told: NotificationList) -> list[Notice]:
    """The wire's messages as the list shows them."""
    return [
        Notice(one.id, one.text, one.seal, one.at.isoformat(), one.proposal_id, one.read)
        for one in told.items
    ]


def badge(unread: int) -> str:
    """``unread`` in as little room as there is: exact to 99, nothing for none."""
    if unread > EXACT_TO:
        return f"{EXACT_TO}+"
    return str(unread) if unread else ""


def bell() -> rx.Component:
    """The button with its number, and the list that it opens."""
    return fragment(
        el.button(
            icon("bell"),
            cond(Bell.badge != "", el.span(Bell.badge, class_name="cs-count hot")),
            type="button",
            id="bell",
            aria_label=Bell.label,
            title="Messages",
            class_name="cs-btn quiet icon cs-bell",
            on_mount=Bell.begin,
            custom_attrs={"popovertarget": "messages"},
        ),
        _list(),
        Hear.create(of="notification.created", id="", every=1000, on_change=Bell.load),
    )


def _list() -> rx.Component:
    return el.div(
        el.div(
            el.h2("Messages", id="messages-title"),
            el.span(class_name="grow"),
            cond(
                Bell.badge != "",
                el.button(
                    "Mark all read",
                    type="button",
                    id="read-all",
                    on_click=Bell.read_all,
                    class_name="cs-btn quiet",
                ),
            ),
            el.button(
                icon("x"),
                type="button",
                aria_label="Close",
                class_name="cs-btn quiet icon narrow",
                custom_attrs={"popovertarget": "messages", "popovertargetaction": "hide"},
            ),
            class_name="head",
        ),
        cond(
            Bell.detail != "",
            el.div(
                Bell.detail,
                el.button("Try again", type="button", on_click=Bell.load, class_name="cs-btn"),
                class_name="none",
                role="alert",
            ),
            cond(longer(Bell.notices, 0), el.ul(foreach(Bell.notices, _notice)), _nothing()),
        ),
        id="messages",
        class_name="cs-menu cs-messages",
        role="dialog",
        aria_labelledby="messages-title",
        custom_attrs={"popover": "auto"},
    )


def _notice(one: Notice) -> rx.Component:
    return el.li(
        el.button(
            Seal.create(state=one.seal, size=18, hidden=True),
            el.span(one.text, cond(one.read, "", el.span(" Unread.", class_name="sr"))),
            Time.create(at=one.at),
            cond(one.read, fragment(), el.span(class_name="dot", aria_hidden="true")),
            type="button",
            class_name=cond(one.read, "notice", "notice new"),
            on_click=call(Bell.open, one.id, one.proposal_id),
            custom_attrs={"popovertarget": "messages", "popovertargetaction": "hide"},
        )
    )


def _nothing() -> rx.Component:
    words = "When a proposal needs you, or one of yours is decided, it is said here."
    return el.div(el.p("No messages yet", class_name="w5"), el.p(words), class_name="none")
