"""The dashboard: what waits, what was decided and how long it took. Each number leads to its rows in the matrix."""

import reflex as rx

from ui.api_client import Api
from ui.components import chart, panel
from ui.components.activity import Recent, activity_panel
from ui.components.figure import figure, figure_skeleton
from ui.components.island import Hear, Time, When
from ui.components.launch import Launch, run_button
from ui.components.outcomes import outcome_legend, outcomes
from ui.components.shell import mark
from ui.components.status_list import SystemStatus, status_panel
from ui.dashboard_views import PERIODS, USUAL_PERIOD, OverviewView, overview_view, period
from ui.reflex_types import cond, count, el, foreach, fragment, longer
from ui.requests import ApiError
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, link

ROUTE = "/dashboard"
CHANGES = "proposal.created proposal.changed run.created run.changed"
EVERY = 3000  # milliseconds


class Figures(rx.State):
    """The numbers over the period that the address asks for."""

    shown: OverviewView = OverviewView()
    as_of: str = ""
    days: int = USUAL_PERIOD
    error: str = ""
    forbidden: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the numbers: on load, for another period, and whenever something has changed."""
        async with self:
            session = session_of(self)
            days = self.days = period(self.router.url.query_parameters.get("days", ""))
        try:
            found = await Api(session).overview(days)
        except ApiError as error:
            async with self:
                text = await explained(self, error)
                self.forbidden, self.error = (text, "") if error.forbidden else ("", text)
            return
        view = overview_view(found)
        async with self:
            if self.days != days:
                return  # the reader has chosen another period meanwhile
            self.as_of, self.error, self.forbidden = found.as_of.isoformat(), "", ""
            if view != self.shown:
                self.shown = view


ON_LOAD = [Session.boot, Figures.load, SystemStatus.load, Recent.load, Launch.load]


def content() -> rx.Component:
    """The page."""
    shown = Figures.shown
    known = fragment(
        cond(Figures.error != "", _stale()),
        cond(shown.nothing, _nothing(), fragment(_figures(shown), *_charts(shown))),
    )
    return page(
        "Dashboard",
        Hear.create(of=CHANGES, every=EVERY, on_change=[Figures.load, Recent.load]),
        el.div(
            _head(shown),
            cond(
                Figures.forbidden != "",
                _wide(panel.closed("The figures are not open to you", Figures.forbidden)),
                cond(
                    shown.days != 0,
                    known,
                    cond(
                        Figures.error != "",
                        _wide(
                            panel.broken(
                                "The figures could not be loaded", Figures.error, Figures.load
                            )
                        ),
                        _waiting(),
                    ),
                ),
            ),
            el.div(activity_panel(), status_panel(), class_name="two"),
            class_name=cond(
                (shown.days != 0) & (shown.days != Figures.days), "cs-dash turning", "cs-dash"
            ),
        ),
    )


def _head(shown: OverviewView) -> rx.Component:
    as_of = fragment(
        "as of ",
        Time.create(at=Figures.as_of, form="clock"),
        When.create(", updates itself", of="connection", equals="live"),
        When.create(
            ", not updated while there is no connection",
            of="connection",
            equals="offline catching-up",
        ),
    )
    return el.div(
        el.h2(cond(shown.reach != "", shown.reach, "Figures")),
        el.span(cond(Figures.as_of != "", as_of), class_name="t3 num asof"),
        el.span(class_name="grow"),
        el.nav(
            *[
                link(
                    f"{days} days",
                    to=f"/dashboard?days={days}",
                    custom_attrs={"aria-current": cond(Figures.days == days, "true", "false")},
                )
                for days in PERIODS
            ],
            class_name="cs-seg",
            aria_label="Period",
        ),
        class_name="head",
    )


def _figures(shown: OverviewView) -> rx.Component:
    return el.section(
        foreach(shown.figures, figure), class_name="cs-panel figures", aria_label="Figures"
    )


def _charts(shown: OverviewView) -> tuple[rx.Component, ...]:
    return (
        el.div(_decisions(shown), _times(shown), class_name="two"),
        el.div(_ages(shown), _risks(shown), class_name="even"),
        el.div(_playbooks(shown), _spend(shown), class_name="two"),
    )


def _decisions(shown: OverviewView) -> rx.Component:
    decided = shown.decided
    return panel.panel(
        "Decisions per day",
        cond(
            decided.any,
            el.div(chart.columns(decided.days, decided.marks), class_name="b"),
            _none("Nothing was decided in this period."),
        ),
        source=fragment(decided.total, " in ", shown.days, " days"),
        tools=chart.legend(),
    )


def _times(shown: OverviewView) -> rx.Component:
    return panel.panel(
        "Time to decision",
        cond(
            shown.times.known,
            el.div(chart.times(shown.times), class_name="b"),
            _none("Fewer than 20 decisions in this period: too few to speak of a usual time."),
        ),
        source="by people, from asked to decided",
    )


def _ages(shown: OverviewView) -> rx.Component:
    return panel.panel(
        "Waiting, by age",
        cond(
            shown.pending,
            el.div(chart.bars(shown.ages, "Waiting, by age"), class_name="b"),
            _none("Nothing waits for a decision."),
        ),
        source="since it was proposed",
    )


def _risks(shown: OverviewView) -> rx.Component:
    return panel.panel(
        "Waiting, by risk",
        cond(
            shown.pending,
            el.div(chart.bars(shown.risks, "Waiting, by risk", scale="risk"), class_name="b"),
            _none("Nothing waits for a decision."),
        ),
        source="score of 100",
    )


def _playbooks(shown: OverviewView) -> rx.Component:
    return panel.panel(
        "Outcome by playbook",
        cond(
            longer(shown.playbooks, 0),
            outcomes(shown.playbooks),
            _none("No playbook has proposed anything in this period."),
        ),
        source=fragment(count(shown.playbooks), " in ", shown.days, " days"),
        tools=outcome_legend(),
    )


def _spend(shown: OverviewView) -> rx.Component:
    spend = shown.spend
    return panel.panel(
        "Model spend",
        el.dl(
            el.div(el.dt("Spent"), el.dd(spend.amount, class_name="big")),
            el.div(el.dt("Calls"), el.dd(spend.calls)),
            el.div(el.dt("Tokens in"), el.dd(spend.tokens_in)),
            el.div(el.dt("Tokens out"), el.dd(spend.tokens_out)),
            class_name="cs-spend num",
        ),
        cond(spend.unpriced != "", el.p(spend.unpriced, class_name="b t2 s12")),
        source=fragment(shown.days, " days"),
    )


def _none(text: str) -> rx.Component:
    return el.p(text, class_name="b t3")


def _wide(body: rx.Component) -> rx.Component:
    return el.div(body, class_name="cs-panel")


def _nothing() -> rx.Component:
    return _wide(
        el.div(
            mark(),
            el.h3("Nothing to count yet"),
            el.p("Run a playbook. What it proposes, and what becomes of it, is counted here."),
            el.div(run_button(), class_name="row"),
            class_name="cs-empty",
            role="status",
        )
    )


def _stale() -> rx.Component:
    return el.div(
        icon("triangle-alert"),
        el.div("The figures could not be read again. What you see is older. ", Figures.error),
        el.span(class_name="grow"),
        el.button("Try again", on_click=Figures.load, class_name="cs-btn"),
        class_name="cs-note amber",
        role="alert",
    )


def _waiting() -> rx.Component:
    tiles = [figure_skeleton() for _ in range(6)]
    return fragment(
        el.section(
            *tiles, class_name="cs-panel figures", aria_busy="true", aria_label="Loading figures"
        ),
        el.div(
            panel.panel("Decisions per day", panel.skeleton(7)),
            panel.panel("Time to decision", panel.skeleton(3)),
            class_name="two",
        ),
    )
