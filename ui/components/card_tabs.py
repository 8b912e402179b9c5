"""The bodies of the card's tabs."""

import reflex as rx

from ui.components.island import Time
from ui.formats import Piece
from ui.reflex_types import cond, el, foreach, fragment, longer, match
from ui.theme import icon, link, outside
from ui.view_models import (
    AttemptView,
    CardView,
    ChangeView,
    EvidenceView,
    HistoryView,
    Pair,
    RuleView,
    VerdictView,
)


def change(c: CardView) -> rx.Component:
    """The ledger of exactly what runs, how it is carried out, and the agent's reason."""
    stale = longer(c.stale_changes, 0)
    return fragment(
        cond(stale, _stale(c)),
        _section(
            cond(c.execution == "executed", "What is different now", "What will be different"),
            c.system,
            cond(
                longer(c.changes, 0),
                _ledger(c.changes, cond(c.execution == "executed", "Before", "Now"), "After"),
                el.p("No field of the record itself changes.", class_name="t2 para"),
            ),
        ),
        _section("How it is carried out", "", el.dl(foreach(c.how, _pair), class_name="cs-kv")),
        _section(
            "Why, in the agent\N{RIGHT SINGLE QUOTATION MARK}s words",
            "",
            el.p(c.reasoning, class_name="t2 para"),
        ),
    )


def reasoning(c: CardView) -> rx.Component:
    """Plan, attempts with verdicts, and what drove it."""
    steps = el.ol(
        foreach(c.plan, lambda step: _step(icon("list-filter", 16), step)), class_name="cs-plan"
    )
    return fragment(
        _section(
            "Plan",
            "",
            cond(
                longer(c.plan, 0),
                steps,
                el.p("No plan was written down.", class_name="t3 para"),
            ),
        ),
        foreach(c.attempts, _attempt),
        el.div(
            icon("info"),
            el.div(
                "Written by ",
                el.b(c.model, class_name="w6"),
                ". The agent says it is ",
                c.confidence,
                " sure.",
            ),
            class_name="cs-note gap",
        ),
    )


def evidence(c: CardView) -> rx.Component:
    """What the reasoning rests on."""
    return cond(
        longer(c.evidence, 0),
        fragment(_heading("Read from the records", c.system), foreach(c.evidence, _source)),
        el.p("This proposal names no source.", class_name="t2 para"),
    )


def policy(c: CardView) -> rx.Component:
    """Why it asks, whom, and what silence does."""
    return fragment(
        _section(
            "Why this asks",
            "",
            el.p(c.policy_reason, class_name="t2 para"),
            el.table(
                el.thead(el.tr(el.th("Rule"), el.th("Here", class_name="r"))),
                el.tbody(foreach(c.rules, _rule)),
                class_name="cs-ledger",
            ),
        ),
        _section("If nobody decides", "", el.p(c.on_silence, class_name="t2 para")),
        _section("After approval", "", el.p(c.hold, class_name="t2 para")),
    )


def cost(c: CardView) -> rx.Component:
    """Where tokens, money and every step are shown, and the technical names of this proposal."""
    pairs = (
        ("Driven by", c.model),
        ("Revision", c.revision),
        ("Record version", c.source_version),
        ("Digest", c.digest),
        ("Idempotency key", c.effect_key),
    )
    shown = [
        cond(value != "", _pair_of(label, el.span(value, class_name="mono wrap")), fragment())
        for label, value in pairs
    ]
    return fragment(
        _section(
            "Trace",
            "",
            el.p(
                "Every step, verdict and token of the run that made this proposal.",
                class_name="t2 para",
            ),
        ),
        link(
            "Open the run", icon("arrow-right", 14), to="/runs/" + c.run_id, class_name="cs-btn gap"
        ),
        _section("Names", "", el.dl(*shown, class_name="cs-kv")),
    )


def history(c: CardView) -> rx.Component:
    """Everything that happened, oldest first."""
    return el.ol(foreach(c.history, _entry), class_name="cs-timeline")


def _heading(title: object, aside: object) -> rx.Component:
    return el.h2(title, el.span(aside, class_name="end"), class_name="cs-h")


def _section(title: object, aside: object, *body: rx.Component) -> rx.Component:
    return el.section(_heading(title, aside), *body, class_name="cs-sec")


def _stale(c: CardView) -> rx.Component:
    return _section(
        "What changed outside",
        fragment("since the draft"),
        _ledger(c.stale_changes, "Drafted on", fragment(c.system, " now")),
        el.div(
            icon("info"),
            el.div("Nothing was sent. A new run drafts it again on the changed record."),
            class_name="cs-note amber gap",
        ),
    )


def _ledger(changes: list[ChangeView], before: object, after: object) -> rx.Component:
    head = el.tr(
        el.th("Field"),
        el.th(before, class_name="r"),
        el.th(after, class_name="r"),
        el.th("Change", class_name="r"),
    )
    return el.table(el.thead(head), el.tbody(foreach(changes, _change)), class_name="cs-ledger")


def _change(line: ChangeView) -> rx.Component:
    field = el.td(line.label, el.span(line.path, class_name="mono"), class_name="f")
    columns = fragment(
        el.td(line.before, class_name="r old"),
        el.td(
            cond(line.delta == "", el.ins(line.after), el.span(line.after)),
            class_name="r new",
        ),
        el.td(line.delta, class_name="r " + line.tone),
    )
    words = el.td(foreach(line.pieces, _word), class_name="r", col_span=3)
    return el.tr(
        field,
        cond(longer(line.pieces, 0), words, columns),
        class_name=cond(line.total, "total", ""),
    )


def _word(piece: Piece) -> rx.Component:
    return match(
        piece.mark,
        ("ins", el.ins(piece.text)),
        ("del", el.del_(piece.text)),
        el.span(piece.text),
    )


def _pair(pair: Pair) -> rx.Component:
    return _pair_of(pair.label, pair.value)


def _pair_of(label: object, value: object) -> rx.Component:
    return fragment(el.dt(label), el.dd(value))


def _step(mark: rx.Component, title: object, detail: object = "") -> rx.Component:
    return el.li(mark, el.div(el.div(title, class_name="w5"), el.div(detail, class_name="t2")))


def _attempt(attempt: AttemptView) -> rx.Component:
    return _section(
        attempt.title,
        attempt.result,
        el.ol(
            _step(icon("square-pen"), attempt.draft),
            foreach(attempt.verdicts, _verdict),
            class_name="cs-plan",
        ),
    )


def _verdict(verdict: VerdictView) -> rx.Component:
    return _step(
        cond(verdict.passed, icon("circle-check"), icon("octagon-x")),
        verdict.title,
        verdict.message,
    )


def _source(source: EvidenceView) -> rx.Component:
    mark = match(
        source.icon,
        ("receipt-text", icon("receipt-text", 14)),
        ("building-2", icon("building-2", 14)),
        ("credit-card", icon("credit-card", 14)),
        ("file-text", icon("file-text", 14)),
        icon("database", 14),
    )
    return el.article(
        el.header(
            el.span(source.number, class_name="cs-cite"),
            el.span(mark, class_name="t3 row"),
            el.b(source.title, class_name="w5 trunc"),
            cond(
                source.version != "",
                el.span("version ", source.version, class_name="t3 nowrap"),
            ),
            el.span(class_name="grow"),
            cond(
                source.url != "",
                outside("Open", href=source.url, class_name="cs-btn quiet small"),
            ),
        ),
        el.dl(foreach(source.facts, _pair), class_name="cs-kv facts num"),
        el.footer(icon("circle-check", 14), el.span("Supports: ", source.claim)),
        class_name="cs-ev",
    )


def _rule(rule: RuleView) -> rx.Component:
    return el.tr(
        el.td(rule.text, class_name=cond(rule.applies, "w6", "")),
        el.td(
            cond(rule.applies, "applies", "does not apply"),
            class_name=cond(rule.applies, "r w6", "r t3"),
        ),
    )


def _entry(entry: HistoryView) -> rx.Component:
    return el.li(
        el.span(
            cond(entry.who != "", icon("user-round", 14), icon("circle-dot", 14)),
            class_name="mk",
        ),
        el.div(
            el.div(
                entry.what,
                cond(entry.who != "", fragment(", ", el.bdi(entry.who))),
            ),
            el.div(entry.detail, class_name="t2 s12"),
            class_name="grow",
        ),
        Time.create(at=entry.at, form="clock", class_name="t3 num s12 nowrap"),
    )
