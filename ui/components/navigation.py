"""The pages and how one gets to them: a bar at the side, a rail where there is less room, tabs on a phone."""

from dataclasses import dataclass

import reflex as rx

from ui.components.island import Do, Unless, Value
from ui.reflex_types import cond, el, foreach, fragment, longer
from ui.session import OrganizationView, Session
from ui.theme import form, icon, kbd, link


@dataclass(frozen=True)
class Entry:
    """One page. ``tab``: also in the bar of a phone. ``count`` names the browser's own figure beside it.

    ``demo``: there in the demo alone.
    """

    icon: str
    title: str
    to: str
    tab: bool = False
    count: str = ""
    demo: bool = False


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Work",
        (
            Entry("inbox", "Inbox", "/inbox", tab=True, count="inbox"),
            Entry("table-2", "Matrix", "/proposals", tab=True),
            Entry("activity", "Runs", "/runs", tab=True),
            Entry("layout-dashboard", "Dashboard", "/dashboard"),
        ),
    ),
    ("Build", (Entry("book-open", "Playbooks", "/playbooks"),)),
    (
        "Administer",
        (
            Entry("users", "Members", "/members"),
            Entry("key-round", "Roles", "/roles"),
            Entry("building-2", "Organization", "/organization"),
            Entry("mail", "Outbox", "/outbox", demo=True),
            Entry("scroll-text", "Audit", "/audit"),
            Entry("settings", "Settings", "/settings"),
        ),
    ),
)
"""All pages in their order; the name of the first group is not shown."""

ENTRIES = tuple(entry for _, entries in GROUPS for entry in entries)


def navigation(current: str, *, static: bool = False) -> rx.Component:
    """The way to all pages; ``current`` is the title of the one that is open. ``static``: before any data is there."""
    top = el.div(el.span(class_name="mark"), class_name="cs-tenant") if static else _tenant()
    groups = [
        el.div(
            el.div(name, class_name="grp", aria_hidden="true") if number else fragment(),
            *[_entry(one, current=one.title == current, static=static) for one in entries],
            role="group",
            aria_label=name,
        )
        for number, (name, entries) in enumerate(GROUPS)
    ]
    more = fragment() if static else _more(current)
    return el.aside(
        top,
        el.nav(*groups, more, aria_label="Main"),
        fragment() if static else _foot(),
        class_name="cs-nav",
    )


def _entry(entry: Entry, *, current: bool, static: bool) -> rx.Component:
    here = {"aria_current": "page"} if current else {}
    look = {"class_name": "tab"} if entry.tab else {}
    parts = (icon(entry.icon), el.span(entry.title), _count(entry) if not static else fragment())
    props = {"custom_attrs": {"title": entry.title}, **here, **look}
    if static:
        return fragment() if entry.demo else el.a(*parts, href=entry.to, **props)
    return _there(entry, link(*parts, to=entry.to, **props))


def _there(entry: Entry, drawn: rx.Component) -> rx.Component:
    return cond(Session.me.is_demo, drawn, fragment()) if entry.demo else drawn


def _count(entry: Entry) -> rx.Component:
    if not entry.count:
        return fragment()
    return Unless.create(
        el.span(Value.create(of=entry.count), class_name="cs-count hot"),
        of=entry.count,
        equals="0",
    )


def _foot() -> rx.Component:
    keys = Do.create(
        icon("circle-help"),
        el.span("Keys"),
        kbd("?"),
        act="help",
        id="show-keys",
        class_name="cs-navbtn",
    )
    return el.div(keys, class_name="foot")


def _more(current: str) -> rx.Component:
    """On a phone: the pages that have no tab."""
    rest = [entry for entry in ENTRIES if not entry.tab]
    here = {"aria_current": "page"} if current in [entry.title for entry in rest] else {}
    return fragment(
        el.button(
            icon("ellipsis"),
            el.span("More"),
            type="button",
            id="more-pages",
            class_name="cs-navbtn tab more",
            custom_attrs={"popovertarget": "pages"},
            **here,
        ),
        el.div(
            *[
                _there(
                    one,
                    link(
                        icon(one.icon),
                        one.title,
                        to=one.to,
                        class_name="it",
                        **_marked(one, current),
                    ),
                )
                for one in rest
            ],
            cond(
                longer(Session.me.organizations, 1),
                fragment(
                    el.hr(),
                    el.button(
                        icon("chevrons-up-down"),
                        "Switch organization",
                        type="button",
                        class_name="it",
                        custom_attrs={"popovertarget": "tenants"},
                    ),
                ),
            ),
            id="pages",
            class_name="cs-menu at-more",
            custom_attrs={"popover": "auto"},
        ),
    )


def _marked(entry: Entry, current: str) -> dict[str, str]:
    return {"aria_current": "page"} if entry.title == current else {}


def _tenant() -> rx.Component:
    me = Session.me
    mark = el.span(me.organization.initials, class_name="mark", aria_hidden="true")
    name = el.span(el.span(me.organization.name, class_name="nm"), class_name="grow trunc")
    several = fragment(
        el.button(
            mark,
            name,
            icon("chevrons-up-down", 14),
            type="button",
            class_name="cs-tenant",
            custom_attrs={"popovertarget": "tenants"},
        ),
        el.div(
            el.div("Switch organization", class_name="lab"),
            foreach(me.organizations, _switch),
            id="tenants",
            class_name="cs-menu at-tenant",
            custom_attrs={"popover": "auto"},
        ),
    )
    return cond(longer(me.organizations, 1), several, el.div(mark, name, class_name="cs-tenant"))


def _switch(organization: OrganizationView) -> rx.Component:
    return form(
        el.input(type="hidden", name="organization", value=organization.slug, read_only=True),
        el.button(
            el.span(organization.initials, class_name="cs-av sq", aria_hidden="true"),
            el.span(organization.name, class_name="grow trunc"),
            cond(organization.current, icon("check", 14)),
            type="submit",
            class_name="it",
            disabled=organization.current,
        ),
        action="/auth/switch",
    )
