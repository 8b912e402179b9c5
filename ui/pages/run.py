"""One run: facts, the steps on a time axis that folds the waits, its proposals and its children."""

import reflex as rx

from ui.api_client import Api, ApiError
from ui.components.island import Hear, Standing, Time
from ui.pages.runs import state_tag, table
from ui.run_views import RunPage, RunProposalView, StepView, run_page
from ui.session import Session, session_of
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
                missing = error.status in (404, 422)
                self.error = "It may belong to another organization." if missing else f"{error.title}. {error.detail}"
            return
        async with self:
            self.page, self.shown, self.error = page, wanted, ""


ON_LOAD = [Session.boot, Run.load]


def content() -> rx.Component:
    """The page."""
    path = (
        link("Runs", to="/runs", class_name="t3"),
        rx.el.span(" / ", class_name="t3", aria_hidden="true"),
        rx.el.span(Run.page.run.playbook),
    )
    return page(
        "Runs",
        rx.cond(
            Run.error != "",
            rx.el.div(
                icon("triangle-alert", 20),
                rx.el.h1("The run could not be loaded"),
                rx.el.p(Run.error),
                rx.el.div(rx.el.button("Try again", on_click=Run.load, class_name="cs-btn"), class_name="row"),
                class_name="cs-empty fill",
                role="status",
            ),
            rx.cond(Run.shown != "", _run(Run.page), rx.el.div(rx.el.span(class_name="cs-skel wide"), class_name="cs-waitrow", aria_busy="true")),
        ),
        path=path,
    )


def _run(p: RunPage) -> rx.Component:
    return rx.el.div(
        Hear.create(of="run.changed run.created proposal.changed", every=700, on_change=Run.load),
        rx.el.header(
            rx.el.div(rx.el.h1(p.run.playbook), state_tag(p.run), class_name="row"),
            rx.el.dl(*[_fact(label, value) for label, value in _facts(p)], class_name="cs-facts"),
            rx.cond(p.run.outcome != "", rx.el.p(p.run.outcome, class_name="t2"), rx.fragment()),
            rx.cond(p.error != "", rx.el.div(icon("triangle-alert"), rx.el.div(p.error), class_name="cs-note red"), rx.fragment()),
            class_name="head",
        ),
        rx.cond(p.steps.length() > 0, _trace(p), rx.fragment()),
        rx.cond(p.proposals.length() > 0, _proposals(p), rx.fragment()),
        rx.cond(
            p.children.length() > 0,
            rx.el.section(rx.el.h2("Runs per invoice", rx.el.span(p.children.length(), class_name="end"), class_name="cs-h"), table(p.children, detailed=False)),
            rx.fragment(),
        ),
        class_name="cs-run",
    )


def _facts(p: RunPage) -> tuple[tuple[str, object], ...]:
    run = p.run
    return (
        ("Started", Time.create(at=run.created_at, form="moment")),
        ("Started by", run.requested_by),
        ("Took", rx.cond(run.took != "", run.took, "still running")),
        ("Cost", run.cost),
        ("Invoices", run.candidates),
        ("Proposed", run.proposed),
        ("Nothing to do", run.nothing_to_do),
        ("Failed", run.failed),
        ("Workflow", rx.el.span(p.workflow_id, class_name="mono")),
    )


def _fact(label: str, value: object) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value))


def _trace(p: RunPage) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Trace", rx.el.span(p.steps.length(), " steps, waits folded", class_name="end"), class_name="cs-h"),
        rx.el.ol(rx.foreach(p.steps, _step), class_name="cs-trace"),
    )


def _step(step: StepView) -> rx.Component:
    mark = rx.match(step.kind, *[(kind, icon(name, 14)) for kind, name in ICONS.items()], icon("circle-dot", 14))
    bar = rx.el.i(
        class_name="k-" + step.kind + rx.cond(step.failed, " bad", "") + rx.cond(step.running, " open", ""),
        style={"insetInlineStart": step.start, "width": step.width},
    )
    return rx.el.li(
        rx.el.span(mark, rx.el.span(step.name, class_name="trunc w5"), class_name="nm"),
        rx.el.span(step.summary, class_name="sum t2 trunc", title=step.summary),
        rx.el.span(bar, class_name="lane", aria_hidden="true"),
        rx.el.span(step.tokens, class_name="tk"),
        rx.el.span(rx.cond(step.running, "running", step.took), class_name="du"),
        class_name=rx.cond(step.failed, "bad", ""),
    )


def _proposals(p: RunPage) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Proposals", rx.el.span(p.proposals.length(), class_name="end"), class_name="cs-h"),
        rx.el.ul(rx.foreach(p.proposals, _proposal), class_name="cs-lines"),
    )


def _proposal(proposal: RunProposalView) -> rx.Component:
    return rx.el.li(
        Standing.create(state=proposal.standing, signed=proposal.signed, required=proposal.required),
        link(proposal.text, to="/proposals/" + proposal.id, class_name="w5 open"),
    )
