"""What happened just now, kept up to date by the change stream."""

import reflex as rx

from ui.api_client import Api
from ui.components import panel
from ui.components.island import Seal, Time
from ui.dashboard_views import ActivityView, activity_view
from ui.reflex_types import cond, el, foreach, longer, negate
from ui.requests import ApiError
from ui.session import explained, session_of
from ui.theme import link

MOST = 8


class Recent(rx.State):
    """The newest first."""

    items: rx.Field[list[ActivityView]] = rx.field(default_factory=list)
    loaded: bool = False
    error: str = ""
    forbidden: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read what happened last."""
        async with self:
            session = session_of(self)
        try:
            found = await Api(session).activity()
        except ApiError as error:
            async with self:
                text = await explained(self, error)
                self.forbidden, self.error = (text, "") if error.forbidden else ("", text)
            return
        async with self:
            self.items = [activity_view(one) for one in found[:MOST]]
            self.loaded, self.error, self.forbidden = True, "", ""


def activity_panel() -> rx.Component:
    """The panel."""
    nothing = el.p("Nothing has happened yet.", class_name="b t3")
    return panel.panel(
        "Just now",
        cond(
            Recent.forbidden != "",
            panel.closed("What happened is not open to you", Recent.forbidden),
            cond(
                Recent.error != "",
                panel.broken("What happened could not be read", Recent.error, Recent.load),
                cond(
                    negate(Recent.loaded),
                    panel.skeleton(),
                    cond(
                        longer(Recent.items, 0),
                        el.ul(foreach(Recent.items, _item), class_name="cs-feed"),
                        nothing,
                    ),
                ),
            ),
        ),
        source="newest first, updates itself",
    )


def _item(one: ActivityView) -> rx.Component:
    text = (
        cond(one.who != "", el.bdi(one.who, class_name="w5")),
        el.span(one.what),
        el.bdi(one.subject, class_name="t2"),
    )
    return el.li(
        Seal.create(state=one.seal, size=16, hidden=True),
        cond(
            one.href != "",
            link(*text, to=one.href, class_name="text trunc"),
            el.span(*text, class_name="text trunc"),
        ),
        el.span(Time.create(at=one.at), class_name="t3 s12 num"),
        custom_attrs={"data-seq": one.seq},
    )
