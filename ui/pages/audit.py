"""The audit: who did what, newest first, how far it is sealed, and the ways to take it along."""

import reflex as rx

from ui import audit_views
from ui.audit_views import ActGroup
from ui.components.audit_list import audit_list, checkpoint
from ui.components.audit_state import Audit
from ui.components.blank import forbidden, note
from ui.components.island import Anchor
from ui.components.shell import mark
from ui.directory_views import Choice
from ui.reflex_types import call, cond, el, foreach, fragment, longer
from ui.session import Session
from ui.template import page
from ui.theme import icon, link

ROUTE = audit_views.ROUTE
ON_LOAD = [Session.boot, Audit.enter]
_EXPORT = "/api/v1/audit/export?format="


def content() -> rx.Component:
    """The page."""
    return page(
        "Audit",
        _filters(),
        cond(
            Audit.forbidden,
            forbidden("The audit is not open to you", Audit.error),
            cond(
                Audit.error != "",
                note(
                    icon("triangle-alert", 20),
                    "The audit could not be read",
                    Audit.error,
                    el.button("Try again", on_click=Audit.load, class_name="cs-btn"),
                    link("Show everything", to=ROUTE, class_name="cs-btn"),
                ),
                cond(Audit.loaded, _shown(), _skeleton()),
            ),
        ),
    )


def _filters() -> rx.Component:
    wanted = Audit.wanted
    return el.div(
        el.form(
            icon("search", 14),
            el.input(
                id="find",
                name="q",
                type="search",
                default_value=wanted.q,
                key=wanted.q,
                placeholder="Search acts, people, details",
                aria_label="Search the audit",
                max_length=200,
            ),
            on_submit=Audit.find,
            class_name="find",
            role="search",
        ),
        _select(
            "action",
            "Act",
            wanted.action,
            el.option("Any act", value=""),
            foreach(Audit.groups, _group),
        ),
        _select(
            "actor",
            "Person",
            wanted.actor,
            el.option("Anybody", value=""),
            foreach(Audit.people, _option),
        ),
        _day("since", "From", wanted.since),
        _day("until", "To", wanted.until),
        cond(
            wanted.subject != "",
            el.button(
                "Only one object",
                icon("x", 12),
                type="button",
                aria_label="Show acts on every object",
                on_click=call(Audit.narrow, "subject", ""),
                class_name="cs-btn cs-pick on",
            ),
        ),
        el.span(class_name="grow"),
        _export(),
        class_name="cs-filters cs-auditbar",
    )


def _select(name: str, label: str, value: object, *options: rx.Component) -> rx.Component:
    return el.select(
        *options,
        id=f"audit-{name}",
        aria_label=label,
        value=value,
        on_change=call(Audit.narrow, name),
        class_name=cond(value != "", "cs-btn cs-pick on", "cs-btn cs-pick"),
    )


def _group(group: ActGroup) -> rx.Component:
    return el.optgroup(foreach(group.acts, _option), label=group.label)


def _option(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value)


def _day(name: str, label: str, value: object) -> rx.Component:
    return el.label(
        label,
        el.input(
            type="date",
            id=f"audit-{name}",
            key=value,
            default_value=value,
            title="A whole day in UTC",
            on_blur=call(Audit.narrow, name),
            class_name=cond(value != "", "cs-btn cs-pick on", "cs-btn cs-pick"),
        ),
        class_name="cs-day t3 s12",
    )


def _export() -> rx.Component:
    """Real downloads, with the same narrowing; the whole chain is for the verifier and is never narrowed."""
    return fragment(
        el.button(
            icon("download", 14),
            el.span("Export", class_name="words"),
            type="button",
            id="export",
            disabled=Audit.no_export != "",
            title=Audit.no_export,
            class_name="cs-btn",
            custom_attrs={"popovertarget": "exports"},
        ),
        el.div(
            _download("CSV of what is listed", f"{_EXPORT}csv" + Audit.exported, "csv"),
            _download("JSON of what is listed", f"{_EXPORT}json" + Audit.exported, "json"),
            el.hr(),
            _download("Whole log for the verifier (NDJSON)", f"{_EXPORT}ndjson", "ndjson"),
            id="exports",
            class_name="cs-menu at-run",
            custom_attrs={"popover": "auto"},
        ),
    )


def _download(words: str, href: object, kind: str) -> rx.Component:
    anchor = Anchor.create(
        words, href=href, id=f"export-{kind}", class_name="it", custom_attrs={"download": ""}
    )
    return fragment(anchor)


def _shown() -> rx.Component:
    wanted = Audit.wanted
    everything = (wanted.q + wanted.action + wanted.actor + wanted.subject) == ""
    nothing = cond(
        everything & (wanted.since + wanted.until == ""),
        note(mark(), "Nothing was done yet", "Acts that matter appear here as they are done."),
        note(
            icon("list-filter", 20),
            "No act matches",
            "What you search for or chose hides all of them.",
            link("Show everything", to=ROUTE, class_name="cs-btn"),
        ),
    )
    return fragment(checkpoint(), cond(longer(Audit.acts, 0), audit_list(), nothing))


def _skeleton() -> rx.Component:
    rows = [el.div(el.span(class_name="cs-skel"), class_name="cs-waitrow") for _ in range(8)]
    return el.div(*rows, aria_busy="true", aria_label="Loading")
