"""Cancelling a run: the button, and the form that asks for the reason."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.bridge import notify
from ui.reflex_types import call, cond, el, fragment, negate
from ui.requests import ApiError
from ui.run_views import RunPage
from ui.session import session_of
from ui.theme import icon


class RunEnd(rx.State):
    """Whether the form is open, for which run, and whether its answer is on the way."""

    asking: str = ""
    busy: bool = False

    @rx.event
    def ask(self, run_id: str) -> None:
        """Open the form."""
        self.asking = run_id

    @rx.event
    def leave(self) -> None:
        """Close the form; nothing is cancelled."""
        self.asking = ""

    @rx.event(background=True)
    async def cancel(self, form: dict[str, Any]) -> EventSpec | None:
        """Cancel the run. The page hears of it through the change stream."""
        async with self:
            if self.busy:
                return None
            self.busy = True
            session, run_id = session_of(self), self.asking
        try:
            run = await Api(session).cancel_run(run_id, form["reason"])
        except ApiError as error:
            return notify("refused", "The run was not cancelled", error.detail)
        else:
            async with self:
                self.asking = ""
            return notify("withdrawn", "The run was cancelled", run.outcome or "")
        finally:
            async with self:
                self.busy = False


def cancel_button(p: RunPage) -> rx.Component:
    """Opens the form; where the run cannot be cancelled it says why not."""
    return el.button(
        "Cancel run…",
        id="cancel-run",
        class_name="cs-btn",
        disabled=negate(p.can_cancel) | (RunEnd.asking == p.run.id),
        title=p.cannot_cancel,
        on_click=call(RunEnd.ask, p.run.id),
    )


def cancel_form(p: RunPage) -> rx.Component:
    """Asks for the reason; gone as soon as the run cannot be cancelled any more."""
    return cond((RunEnd.asking == p.run.id) & p.can_cancel, _form(), fragment())


def _form() -> rx.Component:
    return el.form(
        el.label("Cancel because", html_for="cancel-reason", class_name="w5"),
        el.div(
            el.input(
                id="cancel-reason",
                name="reason",
                class_name="cs-input",
                max_length=500,
                required=True,
                auto_complete="off",
                auto_focus=True,
                placeholder="Why it should not go on",
                aria_describedby="cancel-hint",
            ),
            el.button(
                cond(
                    RunEnd.busy,
                    el.span(icon("loader-circle", 14), class_name="busy row"),
                    "Cancel run",
                ),
                type="submit",
                id="cancel-confirm",
                class_name="cs-btn lg danger",
                disabled=RunEnd.busy,
            ),
            el.button(
                "Keep it running",
                type="button",
                class_name="cs-btn lg quiet",
                on_click=RunEnd.leave,
            ),
            class_name="row",
        ),
        el.span(
            "What waits for people is withdrawn. What was carried out stays as it is.",
            id="cancel-hint",
            class_name="t3 s12",
        ),
        on_submit=RunEnd.cancel,
        class_name="cs-reject",
    )
