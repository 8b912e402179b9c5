"""Playbook runs, newest first, with how their children stand."""

import reflex as rx

from ui.api_client import Api, ApiError
from ui.components.island import Hear, Time
from ui.components.launch import Launch, run_button
from ui.components.shell import mark
from ui.formats import NONE
from ui.reflex_types import cond, el, foreach, fragment, longer, negate
from ui.run_views import RunView, run_view
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, link

ROUTE = "/runs"


class Runs(rx.State):
    """The list."""

    runs: rx.Field[list[RunView]] = rx.field(default_factory=list)
    total: int = 0
    loaded: bool = False
    error: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the newest runs; again whenever one of them changes."""
        async with self:
            session = session_of(self)
        try:
            found = await Api(session).runs()
        except ApiError as error:
            async with self:
                self.error = await explained(self, error)
            return
        async with self:
            self.runs, self.total = [run_view(run) for run in found.items], found.total
            self.loaded, self.error = True, ""


ON_LOAD = [Session.boot, Launch.load, Runs.load]


def content() -> rx.Component:
    """The page."""
    return page(
        "Runs",
        Hear.create(of="run.created run.changed", every=1000, on_change=Runs.load),
        el.div(
            el.span(
                cond(
                    Runs.loaded,
                    fragment(
                        Runs.total, " ", cond(Runs.total == 1, "run", "runs"), " of playbooks"
                    ),
                ),
                class_name="t3 s12",
            ),
            el.span(class_name="grow"),
            run_button(),
            class_name="cs-filters",
        ),
        cond(
            Runs.error != "",
            _note(
                icon("triangle-alert", 20),
                "The runs could not be loaded",
                Runs.error,
                el.button("Try again", on_click=Runs.load, class_name="cs-btn"),
            ),
            cond(
                negate(Runs.loaded),
                _skeleton(),
                cond(
                    longer(Runs.runs, 0),
                    table(Runs.runs, detailed=True),
                    _note(mark(), "No runs yet", "Run a playbook to see one here."),
                ),
            ),
        ),
    )


def table(runs: object, *, detailed: bool) -> rx.Component:
    """Runs as a table that becomes a list on narrow screens. ``detailed``: with the counts of the children."""
    counts = ("Records", "Working", "Proposed", "Nothing to do", "Failed") if detailed else ()
    room = "roomy" if detailed else ""
    head = el.tr(
        el.th("State"),
        el.th("Playbook" if detailed else "Outcome"),
        *[el.th(title, class_name="r") for title in counts],
        el.th("Started by", class_name="roomy") if detailed else fragment(),
        el.th("Started", class_name="r"),
        el.th("Took", class_name=f"r wide {room}"),
    )
    return el.table(
        el.thead(head),
        el.tbody(foreach(runs, lambda run: _row(run, detailed=detailed))),
        class_name="cs-table runs",
    )


def _row(run: RunView, *, detailed: bool) -> rx.Component:
    room = "roomy" if detailed else ""
    counts = (
        ("Records", run.candidates),
        ("Working", run.working),
        ("Proposed", run.proposed),
        ("Nothing to do", run.nothing_to_do),
        ("Failed", run.failed),
    )
    return el.tr(
        el.td(state_tag(run)),
        el.td(
            link(
                cond(run.outcome != "", run.outcome, run.playbook)
                if not detailed
                else run.playbook,
                to="/runs/" + run.id,
                class_name="w5 open",
            )
        ),
        *(
            [
                el.td(value, class_name="r", custom_attrs={"data-label": label})
                for label, value in counts
            ]
            if detailed
            else []
        ),
        el.td(
            el.span(
                el.span(run.initials, class_name="cs-av", aria_hidden="true"),
                run.requested_by,
                class_name="row",
            ),
            class_name="wide roomy",
        )
        if detailed
        else fragment(),
        el.td(Time.create(at=run.created_at), class_name="r t2"),
        el.td(cond(run.took != "", run.took, NONE), class_name=f"r t3 wide {room}"),
        custom_attrs={"row-id": run.id},
    )


def state_tag(run: RunView) -> rx.Component:
    """The state of a run, as a tag."""
    return el.span(run.state, class_name="cs-tag " + run.tone)


def _note(mark: rx.Component, title: str, text: object, *ways: rx.Component) -> rx.Component:
    return el.div(
        mark,
        el.h2(title),
        el.p(text),
        el.div(*ways, class_name="row"),
        class_name="cs-empty",
        role="status",
    )


def _skeleton() -> rx.Component:
    rows = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(8)]
    return el.div(*rows, aria_busy="true", aria_label="Loading")
