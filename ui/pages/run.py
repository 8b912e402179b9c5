"""One run: facts, the steps on a time axis that folds the waits, its proposals and its children."""

import reflex as rx

from ui.api_client import Api, ApiError
from ui.components.island import Hear, Standing, Time
from ui.components.run_end import cancel_button, cancel_form
from ui.pages.runs import state_tag, table
from ui.reflex_types import cond, count, el, foreach, fragment, longer, match
from ui.run_views import RunPage, RunProposalView, StepView, run_page
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, link

ROUTE = "/runs/[run_id]"
ICONS = {
    "plan": "list-filter",
    "read": "database",
    "model": "bot",
    "tool": "plug",
    "draft": "square-pen",
    "verify": "circle-check",
    "propose": "fingerprint",
    "wait": "hourglass",
    "execute": "zap",
    "record": "scroll-text",
    "retry": "refresh-cw",
}


class Run(rx.State):
    """The run that the address names."""

    page: RunPage = RunPage()
    shown: str = ""
    error: str = ""

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the run; again whenever it or one of its children changes."""
        async with self:
            wanted, session = self.router.url.path.rstrip("/").rpartition("/")[2], session_of(self)
            if self.shown != wanted:
                self.shown, self.error = "", ""
        try:
            page = run_page(await Api(session).run(wanted))
        except ApiError as error:
            async with self:
                text = await explained(self, error)
                self.error = "It may belong to another organization." if error.missing else text
            return
        async with self:
            self.page, self.shown, self.error = page, wanted, ""


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
        cond(
            Run.error != "",
            el.div(
                icon("triangle-alert", 20),
                el.h1("The run could not be loaded"),
                el.p(Run.error),
                el.div(
                    el.button("Try again", on_click=Run.load, class_name="cs-btn"),
                    class_name="row",
                ),
                class_name="cs-empty fill",
                role="status",
            ),
            cond(
                Run.shown != "",
                _run(Run.page),
                el.div(
                    el.span(class_name="cs-skel wide"), class_name="cs-waitrow", aria_busy="true"
                ),
            ),
        ),
        path=path,
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
        cond(longer(p.steps, 0), _trace(p)),
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
        _fact("Took", cond(run.took != "", run.took, "still running")),
        _fact("Cost", run.cost),
        cond(p.undoes != "", undo, cond(p.parent != "", parent, counts)),
        _fact("Workflow", el.span(p.workflow_id, class_name="mono")),
        class_name="cs-facts",
    )


def _fact(label: str, value: object) -> rx.Component:
    return el.div(el.dt(label), el.dd(value))


def _trace(p: RunPage) -> rx.Component:
    return el.section(
        el.h2(
            "Trace",
            el.span(count(p.steps), " steps, waits folded", class_name="end"),
            class_name="cs-h",
        ),
        el.ol(foreach(p.steps, _step), class_name="cs-trace"),
    )


def _step(step: StepView) -> rx.Component:
    mark = match(
        step.kind, *[(kind, icon(name, 14)) for kind, name in ICONS.items()], icon("circle-dot", 14)
    )
    bar = el.i(
        class_name=step.bar,
        style={"insetInlineStart": step.start, "width": step.width},
    )
    return el.li(
        el.span(mark, el.span(step.name, class_name="trunc w5"), class_name="nm"),
        el.span(step.summary, class_name="sum t2 trunc", title=step.summary),
        el.span(bar, class_name="lane", aria_hidden="true"),
        el.span(step.tokens, class_name="tk"),
        el.span(cond(step.running, "running", step.took), class_name="du"),
        class_name=cond(step.failed, "bad", ""),
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
