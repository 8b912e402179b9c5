"""Where one is signed in, and the ways to end it there."""

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components import panel
from ui.components.bridge import notify
from ui.components.island import Time
from ui.components.question import Question, opens, question
from ui.reflex_types import call, cond, el, foreach, fragment, longer, negate
from ui.requests import ApiError
from ui.session import explained, session_of
from ui.settings_views import SessionView, session_view
from ui.theme import icon

OTHERS = "others"
_OTHERS_END = Question(
    id="end-all-others",
    title="Sign out everywhere else?",
    text="Every other browser and program of yours is signed out at once. This one stays.",
    stay="Stay signed in",
    go="Sign out everywhere else",
)


class Sessions(rx.State):
    """The list, and the session that is being ended."""

    all: rx.Field[list[SessionView]] = rx.field(default_factory=list)
    loaded: bool = False
    error: str = ""
    busy: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read where the person is signed in."""
        async with self:
            session = session_of(self)
        try:
            found = [session_view(one) for one in await Api(session).sessions()]
        except ApiError as error:
            async with self:
                self.error = await explained(self, error)
            return
        async with self:
            self.all, self.loaded, self.error = found, True, ""

    @rx.event(background=True)
    async def end(self, session_id: str, device: str) -> list[EventSpec] | EventSpec | None:
        """Sign out one place."""
        async with self:
            if self.busy:
                return None
            self.busy, api = session_id, Api(session_of(self))
        return await self._ended(api.end_session(session_id), f"Signed out: {device}")

    @rx.event(background=True)
    async def end_others(self) -> list[EventSpec] | EventSpec | None:
        """Sign out everywhere but here."""
        async with self:
            if self.busy:
                return None
            self.busy, api = OTHERS, Api(session_of(self))
        return await self._ended(api.end_other_sessions(), "Signed out everywhere else")

    async def _ended(self, request: object, said: str) -> list[EventSpec] | EventSpec:
        try:
            await request  # type: ignore[misc]
        except ApiError as error:
            return notify("refused", "Nobody was signed out", error.detail)
        finally:
            async with self:
                self.busy = ""
        return [notify("executed", said), call(Sessions.load)]


def session_list() -> rx.Component:
    """The panel's body with the question before everything else is ended."""
    listed = fragment(
        el.ul(foreach(Sessions.all, _session), class_name="cs-sessions"),
        el.footer(
            el.button(
                "Sign out everywhere else…",
                type="button",
                id="end-others",
                disabled=negate(longer(Sessions.all, 1)) | (Sessions.busy != ""),
                class_name="cs-btn danger",
                custom_attrs=opens(_OTHERS_END.id),
            )
        ),
        question(_OTHERS_END, Sessions.end_others),
    )
    return cond(
        Sessions.error != "",
        panel.broken("Your sessions could not be read", Sessions.error, Sessions.load),
        cond(Sessions.loaded, listed, panel.skeleton(3)),
    )


def _session(one: SessionView) -> rx.Component:
    return el.li(
        cond(one.icon == "browser", icon("monitor"), icon("square-terminal")),
        el.div(
            el.div(
                el.span(one.device, class_name="w5"),
                cond(one.current, el.span("This one", class_name="cs-tag accent")),
                class_name="row",
            ),
            el.div(
                el.bdi(one.address, class_name="num"),
                " · ",
                el.bdi(one.organization),
                class_name="t3 s12",
            ),
            class_name="what",
        ),
        el.div(
            el.div("Used ", Time.create(at=one.last_used_at)),
            el.div("Opened ", Time.create(at=one.opened_at, form="moment"), class_name="t3"),
            class_name="when s12 num",
        ),
        cond(
            one.current,
            el.span(class_name="end"),
            el.button(
                "Sign out",
                el.span(" ", one.device, class_name="sr"),
                type="button",
                disabled=Sessions.busy != "",
                on_click=call(Sessions.end, one.id, one.device),
                class_name="cs-btn end",
            ),
        ),
        custom_attrs={"data-session": one.id},
    )
