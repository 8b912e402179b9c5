"""The acts of the audit, one a line with its details on demand, and how far the log is signed."""

import reflex as rx

from ui.audit_views import ActView
from ui.components.audit_state import Audit
from ui.components.card_parts import pair
from ui.components.island import Do, Poll, Time
from ui.reflex_types import call, cond, count, el, foreach, fragment
from ui.theme import icon, link

LOOK_AGAIN = 5_000  # milliseconds; for the first checkpoint of a new organization


def audit_list() -> rx.Component:
    """The list with the way to older acts."""
    return fragment(
        el.ul(foreach(Audit.acts, _act), class_name="cs-acts"),
        cond(
            Audit.older,
            el.div(
                el.button(
                    cond(Audit.busy, "Reading…", "Show older acts"),
                    type="button",
                    id="older",
                    disabled=Audit.busy,
                    on_click=Audit.more,
                    class_name="cs-btn",
                ),
                el.span(count(Audit.acts), " shown", class_name="t3 s12 num"),
                class_name="cs-older row",
            ),
        ),
    )


def checkpoint() -> rx.Component:
    """The newest signed root, to be kept elsewhere."""
    one = Audit.checkpoint
    known = fragment(
        icon("stamp", 14),
        el.span("Signed up to ", el.b(one.size, class_name="num"), ", ", Time.create(at=one.at)),
        el.code(one.root, "…", title=one.anchor, class_name="t3"),
        Do.create(
            icon("copy", 14),
            "Copy root",
            act="copy",
            arg=one.anchor,
            id="copy-root",
            title="Size and root, as `countersign audit verify --anchor` takes them",
            class_name="cs-btn small",
        ),
    )
    none = fragment(
        icon("stamp", 14),
        "No checkpoint yet; one is signed each minute.",
        Poll.create(every=LOOK_AGAIN, on_tick=Audit.load),
    )
    return el.div(cond(one.size != "", known, none), class_name="cs-signed row s12 t2")


def _act(one: ActView) -> rx.Component:
    return el.li(
        el.details(
            el.summary(
                el.span(
                    cond(one.initials != "", one.initials, icon("cog", 14)),
                    class_name="cs-av",
                    aria_hidden="true",
                ),
                el.span(
                    el.span(
                        el.span(one.title, class_name="w5"),
                        cond(one.about != "", el.span(one.about, class_name="t2")),
                        class_name="said trunc",
                    ),
                    el.span(el.bdi(one.by), " ", one.how, class_name="t3 s12 trunc"),
                    class_name="what",
                ),
                Time.create(at=one.at, form="moment"),
                el.span(
                    el.span(one.standing, class_name="cs-tag " + one.tone),
                    el.span(cond(one.place != "", "No. " + one.place), class_name="t3 s12 num"),
                    class_name="seal",
                ),
                icon("chevron-right", 14),
            ),
            el.div(
                el.dl(foreach(one.pairs, pair), class_name="cs-kv"),
                el.div(
                    cond(
                        one.href != "",
                        link("Open the ", one.kind, to=one.href, class_name="cs-btn small"),
                    ),
                    _only("subject", one.subject, "Only this object"),
                    cond(one.actor != "", _only("actor", one.actor, "Only by ", one.by)),
                    class_name="row",
                ),
                class_name="more",
            ),
        ),
        key=one.id,
        custom_attrs={"data-act": one.id},
    )


def _only(name: str, value: object, *words: object) -> rx.Component:
    return el.button(
        *words, type="button", on_click=call(Audit.narrow, name, value), class_name="cs-btn small"
    )
