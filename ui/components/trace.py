"""The trace of a run: steps in groups on a time axis that folds the waits, and what the chosen step did."""

import reflex as rx

from ui.components.island import Do, Time, Walk, When
from ui.reflex_types import cond, el, foreach, fragment, match
from ui.theme import icon
from ui.trace_views import BarView, FoldView, TickView, TraceView

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
KINDS = {
    "plan": "Plan",
    "read": "Reading",
    "model": "Model call",
    "tool": "Tool call",
    "draft": "Draft",
    "verify": "Check of the draft",
    "propose": "Proposal",
    "wait": "Wait",
    "execute": "Effect outside",
    "record": "Record",
    "retry": "Tried again",
}


def trace(t: TraceView) -> rx.Component:
    """All of it. Arrow keys walk from step to step, Enter opens one."""
    head = el.div(
        el.span("Step"),
        el.span(foreach(t.ticks, _tick), class_name="ticks", aria_hidden="true"),
        el.span("Took", class_name="r"),
        class_name="axis",
    )
    folds = el.div(
        el.span(),
        el.div(foreach(t.folds, _fold)),
        el.span(),
        class_name="folds",
        aria_hidden="true",
    )
    lines = Walk.create(foreach(t.lines, _line), class_name="lines", aria_label="Steps of the run")
    return el.div(head, el.div(folds, lines, class_name="stack"), class_name="cs-trace")


def _tick(tick: TickView) -> rx.Component:
    return el.span(tick.word, style={"insetInlineStart": tick.at})


def _fold(fold: FoldView) -> rx.Component:
    return el.span(
        el.b(el.span(fold.word), "folded"),
        style={"insetInlineStart": fold.start, "width": fold.width},
    )


def _line(line: BarView) -> rx.Component:
    return cond(
        line.group,
        el.li(el.div(*_cells(line), class_name="sp grp")),
        el.li(
            Do.create(
                *_cells(line),
                act="pick",
                arg=line.id,
                class_name="sp",
                title=line.summary,
            ),
            When.create(_detail(line), of="step", equals=line.id),
            class_name=cond(line.state == "failed", "bad", ""),
        ),
    )


def _cells(line: BarView) -> tuple[rx.Component, ...]:
    bar = el.i(class_name=line.bar, style={"insetInlineStart": line.start, "width": line.width})
    return (
        el.span(
            cond(line.group, icon("layers", 14), _mark(line)),
            el.span(line.name, class_name=cond(line.mono, "mono nowrap", "nowrap")),
            el.span(line.summary, class_name="t3 trunc sum"),
            class_name="nm",
        ),
        el.span(bar, class_name="lane", aria_hidden="true"),
        el.span(line.took, class_name="du"),
    )


def _mark(line: BarView) -> rx.Component:
    icons = [(kind, icon(name, 14)) for kind, name in ICONS.items()]
    named = match(line.kind, *icons, icon("circle-dot", 14))
    return cond(line.state == "failed", icon("octagon-x", 14), named)


def _detail(line: BarView) -> rx.Component:
    word = cond(
        line.state_word != "",
        el.span(
            line.state_word, class_name=cond(line.state == "failed", "cs-tag red", "cs-tag blue")
        ),
    )
    facts = (
        ("Kind", match(line.kind, *KINDS.items(), "Step")),
        ("Began", Time.create(at=line.at, form="stamp")),
        ("Took", cond(line.state == "running", "still running", line.took)),
    )
    return el.div(
        el.div(
            _mark(line),
            el.h3(line.name, class_name="w6 trunc"),
            word,
            Do.create(
                icon("x", 14),
                act="pick",
                arg=line.id,
                aria_label="Close",
                class_name="cs-btn quiet icon end",
            ),
            class_name="row",
        ),
        el.dl(
            *[part for label, value in facts for part in (el.dt(label), el.dd(value))],
            cond(line.tokens != "", fragment(el.dt("Tokens"), el.dd(line.tokens))),
            class_name="cs-kv num",
        ),
        cond(line.summary != "", el.p(line.summary, class_name="said")),
        class_name="picked",
        role="region",
        aria_label=line.name,
    )
