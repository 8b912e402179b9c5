"""How the system is: each line a check that really ran, asked again every quarter minute while somebody looks."""

import reflex as rx

from ui.api_client import Api
from ui.components import panel
from ui.components.island import Poll, Seal, Time
from ui.dashboard_views import CheckView, check_view
from ui.reflex_types import cond, el, foreach, longer
from ui.requests import ApiError
from ui.session import explained, session_of

EVERY = 15_000  # milliseconds


class SystemStatus(rx.State):
    """The newest answers."""

    checks: rx.Field[list[CheckView]] = rx.field(default_factory=list)
    error: str = ""
    forbidden: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Ask how the system is."""
        async with self:
            session = session_of(self)
        try:
            status = await Api(session).status()
        except ApiError as error:
            async with self:
                text = await explained(self, error)
                self.forbidden, self.error = (text, "") if error.forbidden else ("", text)
            return
        async with self:
            self.checks = [check_view(check) for check in status.checks]
            self.error = self.forbidden = ""


def status_panel() -> rx.Component:
    """The panel."""
    return panel.panel(
        "System",
        Poll.create(every=EVERY, on_tick=SystemStatus.load),
        cond(
            SystemStatus.forbidden != "",
            panel.closed("The checks are not open to you", SystemStatus.forbidden),
            cond(
                SystemStatus.error != "",
                panel.broken("The checks could not be read", SystemStatus.error, SystemStatus.load),
                cond(
                    longer(SystemStatus.checks, 0),
                    el.ul(foreach(SystemStatus.checks, _check), class_name="cs-checks"),
                    panel.skeleton(),
                ),
            ),
        ),
        source="each line is a check that ran",
    )


def _check(check: CheckView) -> rx.Component:
    return el.li(
        Seal.create(state=check.seal, size=15, hidden=True),
        el.span(
            el.span(check.label, class_name="w5"),
            cond(
                check.state != "",
                el.span(check.state, class_name="cs-tag " + check.tone),
                el.span(": working", class_name="sr"),
            ),
            class_name="what",
        ),
        el.span(check.detail, class_name="t2 num detail"),
        el.span(Time.create(at=check.checked_at, form="clock"), class_name="t3 s12 num"),
        custom_attrs={"data-check": check.id},
    )
