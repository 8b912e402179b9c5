"""One run: facts, the steps on a time axis that folds the waits, its proposals and its children."""

import asyncio

import reflex as rx

from ui.api_client import Api
from ui.components.blank import forbidden, note
from ui.components.island import Do, Hear, Standing, Time
from ui.components.run_end import cancel_button, cancel_form
from ui.components.trace import trace
from ui.pages.runs import state_tag, table
from ui.reflex_types import cond, count, el, foreach, fragment, longer
from ui.requests import ApiError
from ui.run_views import RunPage, RunProposalView, run_page
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, link
from ui.trace_views import TraceView, trace_view

ROUTE = "/runs/[run_id]"


class Run(rx.State):
    """The run that the address names."""

    page: RunPage = RunPage()
    trace: TraceView = TraceView()
    shown: str = ""
    error: str = ""
    missing: bool = False
    forbidden: bool = False

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the run; again whenever it or one of its children changes."""
        async with self:
            wanted, session = self.router.url.path.rstrip("/").rpartition("/")[2], session_of(self)
            if self.shown != wanted:
                self.shown, self.error = "", ""
        api = Api(session)
        try:
            run, spans = await asyncio.gather(api.run(wanted), api.trace(wanted))
        except ApiError as error:
            async with self:
                self.error = await explained(self, error)
                self.missing, self.forbidden = error.missing, error.forbidden
            return
        async with self:
            self.page, self.trace = run_page(run), trace_view(spans)
            self.shown, self.error = wanted, ""


ON_LOAD = [Session.boot, Run.load]


def content() -> rx.Component:
    """The page."""
    path = (
        link("Runs", to="/runs", class_name="t3"),
        el.span(" / ", class_name="t3", aria_hidden="true"),
        el.span(Run.page.run.playbook),
    )
    return page(
        "Runs",
        cond(Run.error != "", _failed(), cond(Run.shown != "", _run(Run.page), _waiting())),
        path=path,
    )


def _failed() -> rx.Component:
    back = link("Back to the runs", to="/runs", class_name="cs-btn")
    again = el.button("Try again", on_click=Run.load, class_name="cs-btn primary")
    gone = note(
        icon("file-question", 20),
        "There is no such run",
        "It may belong to another organization, or the link is incomplete.",
        back,
    )
    broken = note(icon("triangle-alert", 20), "The run could not be loaded", Run.error, again, back)
    closed = forbidden("Runs are not open to you", Run.error)
    return cond(Run.missing, gone, cond(Run.forbidden, closed, broken))


def _waiting() -> rx.Component:
    bars = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(8)]
    return el.div(
        el.span(class_name="cs-skel wide"),
        el.div(*bars),
        class_name="cs-run",
        aria_busy="true",
        aria_label="Loading",
    )


def _run(p: RunPage) -> rx.Component:
    return el.div(
        Hear.create(of="run.changed run.created proposal.changed", every=700, on_change=Run.load),
        el.header(
            el.div(
                el.h1(p.run.playbook),
                state_tag(p.run),
                el.span(class_name="grow"),
                cancel_button(p),
                class_name="row",
            ),
            cancel_form(p),
            _facts(p),
            cond(p.run.outcome != "", el.p(p.run.outcome, class_name="t2")),
            cond(
                p.error != "",
                el.div(icon("triangle-alert"), el.div(p.error), class_name="cs-note red"),
            ),
            class_name="head",
        ),
        cond(longer(Run.trace.lines, 0), _trace(Run.trace)),
        cond(longer(p.proposals, 0), _proposals(p)),
        cond(
            longer(p.children, 0),
            el.section(
                el.h2(
                    "Runs per record",
                    el.span(count(p.children), class_name="end"),
                    class_name="cs-h",
                ),
                table(p.children, detailed=False),
            ),
        ),
        class_name="cs-run",
    )


def _facts(p: RunPage) -> rx.Component:
    run = p.run
    counts = fragment(
        _fact("Records", run.candidates),
        _fact("Proposed", run.proposed),
        _fact("Nothing to do", run.nothing_to_do),
        _fact("Failed", run.failed),
        cond(run.cancelled > 0, _fact("Cancelled", run.cancelled)),
        cond(p.inputs != "", _fact("Limited to", p.inputs)),
    )
    undo = fragment(
        _fact("Undoes", link(p.undone, to="/proposals/" + p.undoes, class_name="link mono")),
        _fact("Because", p.because),
    )
    parent = _fact("Part of", link("the playbook run", to="/runs/" + p.parent, class_name="link"))
    return el.dl(
        _fact("Started", Time.create(at=run.created_at, form="moment")),
        _fact("Started by", run.requested_by),
        _fact("From start to end", cond(run.took != "", run.took, "still running")),
        cond(Run.trace.working != "", _fact("Working", Run.trace.working)),
        cond(Run.trace.waiting != "", _fact("Waiting", Run.trace.waiting)),
        cond(Run.trace.attempts > 0, _fact("Attempts", Run.trace.attempts)),
        _fact("Cost", run.cost),
        cond(p.undoes != "", undo, cond(p.parent != "", parent, counts)),
        _fact(
            "Workflow",
            el.span(
                el.span(p.workflow, class_name="mono", title=p.workflow_id),
                Do.create(
                    icon("copy", 12),
                    act="copy",
                    arg=p.workflow_id,
                    aria_label="Copy the name of the workflow",
                    class_name="cs-btn quiet small",
                ),
                class_name="row",
            ),
        ),
        class_name="cs-facts",
    )


def _fact(label: str, value: object) -> rx.Component:
    return el.div(el.dt(label), el.dd(value))


def _trace(t: TraceView) -> rx.Component:
    waits = cond(t.waiting != "", fragment(", ", t.waiting, " of waiting folded"))
    return el.section(
        el.h2(
            "Trace",
            el.span(t.working, " of work", waits, class_name="end"),
            class_name="cs-h",
        ),
        trace(t),
    )


def _proposals(p: RunPage) -> rx.Component:
    return el.section(
        el.h2("Proposals", el.span(count(p.proposals), class_name="end"), class_name="cs-h"),
        el.ul(foreach(p.proposals, _proposal), class_name="cs-lines"),
    )


def _proposal(proposal: RunProposalView) -> rx.Component:
    return el.li(
        Standing.create(
            state=proposal.standing, signed=proposal.signed, required=proposal.required
        ),
        link(proposal.text, to="/proposals/" + proposal.id, class_name="w5 open"),
    )
