"""Playbook runs, newest first, with how their children stand. What narrows the list is in the address."""

from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.blank import forbidden, note
from ui.components.island import Hear, Time
from ui.components.launch import Launch, run_button
from ui.components.shell import mark
from ui.formats import NONE
from ui.reflex_types import call, cond, count, el, foreach, fragment, longer, negate
from ui.requests import ApiError
from ui.run_views import STATE_WORDS, RunView, run_view
from ui.session import Session, explained, session_of
from ui.template import page
from ui.theme import icon, link

ROUTE = "/runs"
BLOCK = 50
MOST = 200  # runs that the API gives at once


class Runs(rx.State):
    """The list. ``state`` and ``playbook`` are what the address narrows it to."""

    runs: rx.Field[list[RunView]] = rx.field(default_factory=list)
    total: int = 0
    older: bool = False
    state: str = ""
    playbook: str = ""
    loaded: bool = False
    forbidden: bool = False
    error: str = ""
    _wanted: int = BLOCK

    @rx.event
    def enter(self) -> EventSpec:
        """Take what narrows the list from the address."""
        query = self.router.url.query_parameters
        state, playbook = query.get("state", ""), query.get("playbook", "")
        if (state, playbook) != (self.state, self.playbook):
            self.state, self.playbook, self._wanted, self.loaded = state, playbook, BLOCK, False
        return Runs.load

    @rx.event
    def narrow(self, name: str, value: str) -> EventSpec:
        """Go to the address of the list that is narrowed so."""
        wanted = {"state": self.state, "playbook": self.playbook} | {name: value}
        query = urlencode({key: one for key, one in wanted.items() if one})
        return rx.redirect(f"{ROUTE}?{query}" if query else ROUTE)

    @rx.event
    def more(self) -> EventSpec:
        """Show older runs as well."""
        self._wanted += BLOCK
        return Runs.load

    @rx.event(background=True)
    async def load(self) -> None:
        """Read the runs that are shown; again whenever one of them changes."""
        async with self:
            api, state, playbook = Api(session_of(self)), self.state, self.playbook
            wanted = self._wanted
        found, total = [], 0
        try:
            for offset in range(0, wanted, MOST):
                limit = min(MOST, wanted - offset)
                part = await api.runs(state=state, playbook=playbook, limit=limit, offset=offset)
                found += part.items
                total = part.total
        except ApiError as error:
            async with self:
                self.error, self.forbidden = await explained(self, error), error.forbidden
            return
        async with self:
            if (state, playbook) == (self.state, self.playbook):
                self.runs, self.total = [run_view(run) for run in found], total
                self.older = total > len(found)
                self.loaded, self.error, self.forbidden = True, "", False


ON_LOAD = [Session.boot, Launch.load, Runs.enter]


def content() -> rx.Component:
    """The page."""
    return page(
        "Runs",
        Hear.create(of="run.created run.changed", every=1000, on_change=Runs.load),
        _filters(),
        cond(
            Runs.forbidden,
            forbidden("Runs are not open to you", Runs.error),
            cond(
                Runs.error != "",
                note(
                    icon("triangle-alert", 20),
                    "The runs could not be loaded",
                    Runs.error,
                    el.button("Try again", on_click=Runs.load, class_name="cs-btn"),
                ),
                cond(negate(Runs.loaded), _skeleton(), _list()),
            ),
        ),
    )


def _filters() -> rx.Component:
    words = [(state, word) for state, (word, _) in STATE_WORDS.items()]
    return el.div(
        _select(
            "state",
            "State",
            Runs.state,
            el.option("Any state", value=""),
            *[el.option(word, value=state) for state, word in words],
        ),
        _select(
            "playbook",
            "Playbook",
            Runs.playbook,
            el.option("Any playbook", value=""),
            foreach(Launch.playbooks, lambda one: el.option(one.name, value=one.id)),
        ),
        el.span(
            cond(
                Runs.loaded,
                fragment(Runs.total, " ", cond(Runs.total == 1, "run", "runs")),
            ),
            class_name="t3 s12 nowrap",
            role="status",
        ),
        el.span(class_name="grow"),
        run_button(),
        class_name="cs-filters",
    )


def _select(name: str, label: str, value: object, *options: rx.Component) -> rx.Component:
    return el.select(
        *options,
        id=f"runs-{name}",
        aria_label=label,
        value=value,
        on_change=call(Runs.narrow, name),
        class_name=cond(value != "", "cs-btn cs-pick on", "cs-btn cs-pick"),
    )


def _list() -> rx.Component:
    narrowed = (Runs.state != "") | (Runs.playbook != "")
    nothing = cond(
        narrowed,
        note(
            icon("list-filter", 20),
            "No run matches",
            "The state or the playbook you chose hides all of them.",
            link("Show all runs", to=ROUTE, class_name="cs-btn"),
        ),
        note(mark(), "No runs yet", "Run a playbook to see one here."),
    )
    older = el.div(
        el.button("Show older runs", on_click=Runs.more, id="older", class_name="cs-btn"),
        el.span(count(Runs.runs), " of ", Runs.total, class_name="t3 s12"),
        class_name="cs-older row",
    )
    shown = fragment(table(Runs.runs, detailed=True), cond(Runs.older, older))
    return cond(longer(Runs.runs, 0), shown, nothing)


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
                el.td(
                    value,
                    class_name=cond(value == 0, "r num t3", "r num"),
                    custom_attrs={"data-label": label},
                )
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


def _skeleton() -> rx.Component:
    rows = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(8)]
    return el.div(*rows, aria_busy="true", aria_label="Loading")
