"""The bodies of the card's tabs."""

import reflex as rx

from ui.components.island import Time
from ui.formats import Piece
from ui.theme import icon, link, outside
from ui.view_models import AttemptView, CardView, ChangeView, EvidenceView, HistoryView, Pair, RuleView, VerdictView


def change(c: CardView) -> rx.Component:
    """The ledger of exactly what runs, how it is carried out, and the agent's reason."""
    stale = c.stale_changes.length() > 0
    return rx.fragment(
        rx.cond(stale, _stale(c), rx.fragment()),
        _section(
            rx.cond(c.execution == "executed", "What is different now", "What will be different"),
            c.system,
            rx.cond(
                c.changes.length() > 0,
                _ledger(c.changes, rx.cond(c.execution == "executed", "Before", "Now"), "After"),
                rx.el.p("No field of the record itself changes.", class_name="t2 para"),
            ),
        ),
        _section("How it is carried out", "", rx.el.dl(rx.foreach(c.how, _pair), class_name="cs-kv")),
        _section("Why, in the agent’s words", "", rx.el.p(c.reasoning, class_name="t2 para")),
    )


def reasoning(c: CardView) -> rx.Component:
    """Plan, attempts with verdicts, and what drove it."""
    steps = rx.el.ol(rx.foreach(c.plan, lambda step: _step(icon("list-filter", 16), step)), class_name="cs-plan")
    return rx.fragment(
        _section("Plan", "", rx.cond(c.plan.length() > 0, steps, rx.el.p("No plan was written down.", class_name="t3 para"))),
        rx.foreach(c.attempts, _attempt),
        rx.el.div(
            icon("info"),
            rx.el.div("Written by ", rx.el.b(c.model, class_name="w6"), ". The agent says it is ", c.confidence, " sure."),
            class_name="cs-note gap",
        ),
    )


def evidence(c: CardView) -> rx.Component:
    """What the reasoning rests on."""
    return rx.cond(
        c.evidence.length() > 0,
        rx.fragment(_heading("Read from the records", c.system), rx.foreach(c.evidence, _source)),
        rx.el.p("This proposal names no source.", class_name="t2 para"),
    )


def policy(c: CardView) -> rx.Component:
    """Why it asks, whom, and what silence does."""
    return rx.fragment(
        _section(
            "Why this asks",
            "",
            rx.el.p(c.policy_reason, class_name="t2 para"),
            rx.el.table(
                rx.el.thead(rx.el.tr(rx.el.th("Rule"), rx.el.th("Here", class_name="r"))),
                rx.el.tbody(rx.foreach(c.rules, _rule)),
                class_name="cs-ledger",
            ),
        ),
        _section("If nobody decides", "", rx.el.p(c.on_silence, class_name="t2 para")),
        _section("After approval", "", rx.el.p(c.hold, class_name="t2 para")),
    )


def cost(c: CardView) -> rx.Component:
    """Where tokens, money and every step are shown, and the technical names of this proposal."""
    pairs = (("Driven by", c.model), ("Revision", c.revision), ("Record version", c.source_version), ("Digest", c.digest), ("Idempotency key", c.effect_key))
    shown = [rx.cond(value != "", _pair_of(label, rx.el.span(value, class_name="mono wrap")), rx.fragment()) for label, value in pairs]
    return rx.fragment(
        _section("Trace", "", rx.el.p("Every step, verdict and token of the run that made this proposal.", class_name="t2 para")),
        link("Open the run", icon("arrow-right", 14), to="/runs/" + c.run_id, class_name="cs-btn gap"),
        _section("Names", "", rx.el.dl(*shown, class_name="cs-kv")),
    )


def history(c: CardView) -> rx.Component:
    """Everything that happened, oldest first."""
    return rx.el.ol(rx.foreach(c.history, _entry), class_name="cs-timeline")


def _heading(title: object, aside: object) -> rx.Component:
    return rx.el.h2(title, rx.el.span(aside, class_name="end"), class_name="cs-h")


def _section(title: object, aside: object, *body: rx.Component) -> rx.Component:
    return rx.el.section(_heading(title, aside), *body, class_name="cs-sec")


def _stale(c: CardView) -> rx.Component:
    return _section(
        "What changed outside",
        rx.fragment("since the draft"),
        _ledger(c.stale_changes, "Drafted on", rx.fragment(c.system, " now")),
        rx.el.div(icon("info"), rx.el.div("Nothing was sent. A new run drafts it again on the changed record."), class_name="cs-note amber gap"),
    )


def _ledger(changes: list[ChangeView], before: object, after: object) -> rx.Component:
    head = rx.el.tr(rx.el.th("Field"), rx.el.th(before, class_name="r"), rx.el.th(after, class_name="r"), rx.el.th("Change", class_name="r"))
    return rx.el.table(rx.el.thead(head), rx.el.tbody(rx.foreach(changes, _change)), class_name="cs-ledger")


def _change(line: ChangeView) -> rx.Component:
    field = rx.el.td(line.label, rx.el.span(line.path, class_name="mono"), class_name="f")
    columns = rx.fragment(
        rx.el.td(line.before, class_name="r old"),
        rx.el.td(rx.cond(line.delta == "", rx.el.ins(line.after), rx.el.span(line.after)), class_name="r new"),
        rx.el.td(line.delta, class_name="r " + line.tone),
    )
    words = rx.el.td(rx.foreach(line.pieces, _word), class_name="r", col_span=3)
    return rx.el.tr(field, rx.cond(line.pieces.length() > 0, words, columns), class_name=rx.cond(line.total, "total", ""))


def _word(piece: Piece) -> rx.Component:
    return rx.match(piece.mark, ("ins", rx.el.ins(piece.text)), ("del", rx.el.del_(piece.text)), rx.el.span(piece.text))


def _pair(pair: Pair) -> rx.Component:
    return _pair_of(pair.label, pair.value)


def _pair_of(label: object, value: object) -> rx.Component:
    return rx.fragment(rx.el.dt(label), rx.el.dd(value))


def _step(mark: rx.Component, title: object, detail: object = "") -> rx.Component:
    return rx.el.li(mark, rx.el.div(rx.el.div(title, class_name="w5"), rx.el.div(detail, class_name="t2")))


def _attempt(attempt: AttemptView) -> rx.Component:
    return _section(
        attempt.title,
        attempt.result,
        rx.el.ol(
            _step(icon("square-pen"), attempt.draft),
            rx.foreach(attempt.verdicts, _verdict),
            class_name="cs-plan",
        ),
    )


def _verdict(verdict: VerdictView) -> rx.Component:
    return _step(rx.cond(verdict.passed, icon("circle-check"), icon("octagon-x")), verdict.title, verdict.message)


def _source(source: EvidenceView) -> rx.Component:
    mark = rx.match(
        source.icon,
        ("receipt-text", icon("receipt-text", 14)),
        ("building-2", icon("building-2", 14)),
        ("credit-card", icon("credit-card", 14)),
        ("file-text", icon("file-text", 14)),
        icon("database", 14),
    )
    return rx.el.article(
        rx.el.header(
            rx.el.span(source.number, class_name="cs-cite"),
            rx.el.span(mark, class_name="t3 row"),
            rx.el.b(source.title, class_name="w5 trunc"),
            rx.cond(source.version != "", rx.el.span("version ", source.version, class_name="t3 nowrap"), rx.fragment()),
            rx.el.span(class_name="grow"),
            rx.cond(source.url != "", outside("Open", href=source.url, class_name="cs-btn quiet small"), rx.fragment()),
        ),
        rx.el.dl(rx.foreach(source.facts, _pair), class_name="cs-kv facts num"),
        rx.el.footer(icon("circle-check", 14), rx.el.span("Supports: ", source.claim)),
        class_name="cs-ev",
    )


def _rule(rule: RuleView) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rule.text, class_name=rx.cond(rule.applies, "w6", "")),
        rx.el.td(rx.cond(rule.applies, "applies", "does not apply"), class_name=rx.cond(rule.applies, "r w6", "r t3")),
    )


def _entry(entry: HistoryView) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.cond(entry.who != "", icon("user-round", 14), icon("circle-dot", 14)), class_name="mk"),
        rx.el.div(
            rx.el.div(entry.what, rx.cond(entry.who != "", rx.fragment(", ", rx.el.bdi(entry.who)), rx.fragment())),
            rx.el.div(entry.detail, class_name="t2 s12"),
            class_name="grow",
        ),
        Time.create(at=entry.at, form="clock", class_name="t3 num s12 nowrap"),
    )
