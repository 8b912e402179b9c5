"""The steps of the run behind a proposal, read when its tab is opened."""

import reflex as rx

from ui.api_client import Api
from ui.formats import NONE
from ui.reflex_types import call, cond, el, foreach, fragment
from ui.requests import ApiError
from ui.run_views import StepView, steps_of
from ui.session import explained, session_of
from ui.theme import icon, link
from ui.view_models import CardView


class CardTrace(rx.State):
    """The steps of the run ``of``, or why they could not be read."""

    of: str = ""
    problem: str = ""
    steps: rx.Field[list[StepView]] = rx.field(default_factory=list)

    @rx.event(background=True)
    async def load(self, run_id: str) -> None:
        """Read the steps."""
        async with self:
            session = session_of(self)
        try:
            run = await Api(session).run(run_id)
        except ApiError as error:
            async with self:
                self.of, self.problem = run_id, await explained(self, error)
            return
        async with self:
            self.of, self.problem, self.steps = run_id, "", steps_of(run)


def card_trace(c: CardView) -> rx.Component:
    """The table, and the way to the run itself."""
    head = el.tr(
        el.th("Step"),
        el.th("What it did", class_name="wide"),
        el.th("Tokens", class_name="r"),
        el.th("Time", class_name="r"),
    )
    table = el.table(
        el.thead(head), el.tbody(foreach(CardTrace.steps, _step)), class_name="cs-ledger steps"
    )
    waiting = el.div(
        *[el.span(class_name="cs-skel wide") for _ in range(4)],
        class_name="cs-stack",
        aria_busy="true",
        aria_label="Loading",
    )
    known = cond(CardTrace.problem != "", el.p(CardTrace.problem, class_name="t2 para"), table)
    return fragment(
        el.div(
            cond(CardTrace.of == c.run_id, known, waiting), on_mount=call(CardTrace.load, c.run_id)
        ),
        link(
            "Open the run", icon("arrow-right", 14), to="/runs/" + c.run_id, class_name="cs-btn gap"
        ),
    )


def _step(step: StepView) -> rx.Component:
    return el.tr(
        el.td(step.name, class_name="w5"),
        el.td(step.summary, class_name="t2 wide"),
        el.td(cond(step.tokens != "", step.tokens, NONE), class_name="r num"),
        el.td(cond(step.running, "running", step.took), class_name="r num"),
        class_name=cond(step.failed, "bad", ""),
    )
