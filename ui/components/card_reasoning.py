"""The agent's side of the card: questions and answers, plan, attempts with their verdicts, evidence."""

import reflex as rx

from ui.components.card_parts import heading, pair, section, step
from ui.components.island import Time
from ui.reflex_types import cond, el, foreach, fragment, longer, match
from ui.theme import icon, outside
from ui.view_models import AttemptView, CardView, EvidenceView, QuestionView, VerdictView


def reasoning(c: CardView) -> rx.Component:
    """What was asked, the plan, attempts with verdicts, and what drove it."""
    steps = el.ol(
        foreach(c.plan, lambda one: step(icon("list-filter", 16), one)), class_name="cs-plan"
    )
    return fragment(
        cond(longer(c.questions, 0), section("Questions", "", _questions(c))),
        section(
            "Plan",
            "",
            cond(
                longer(c.plan, 0),
                steps,
                el.p("No plan was written down.", class_name="t3 para"),
            ),
        ),
        el.div(foreach(c.attempts, _attempt), class_name="cs-sec"),
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
        fragment(heading("Read from the records", c.system), foreach(c.evidence, _source)),
        el.p("This proposal names no source.", class_name="t2 para"),
    )


def _questions(c: CardView) -> rx.Component:
    return el.ol(foreach(c.questions, _question), class_name="cs-talk")


def _question(asked: QuestionView) -> rx.Component:
    return el.li(
        el.div(
            icon("message-circle-question", 14),
            el.div(
                el.div(asked.text, class_name="w5"),
                el.div(el.bdi(asked.who), " ", Time.create(at=asked.at), class_name="t3 s12"),
                class_name="grow",
            ),
            class_name="said",
        ),
        el.div(icon("bot", 14), el.div(_answer(asked), class_name="grow"), class_name="said"),
    )


def _answer(asked: QuestionView) -> rx.Component:
    said = fragment(
        el.div(
            match(
                asked.state,
                ("revised", "Revised the proposal"),
                ("failed", "Could not answer"),
                "Answered",
            ),
            " ",
            cond(asked.answered_at != "", Time.create(at=asked.answered_at)),
            class_name="t3 s12",
        ),
        el.p(asked.answer, class_name="answer"),
        foreach(asked.evidence, _source),
    )
    return match(
        asked.state,
        ("open", el.span("The agent is looking into it…", class_name="t2", role="status")),
        ("dropped", el.span("Not answered: it was decided before.", class_name="t3")),
        said,
    )


def _attempt(attempt: AttemptView) -> rx.Component:
    return section(
        attempt.title,
        attempt.result,
        el.ol(
            step(icon("square-pen"), attempt.draft),
            foreach(attempt.verdicts, _verdict),
            class_name="cs-plan",
        ),
    )


def _verdict(verdict: VerdictView) -> rx.Component:
    return step(
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
        el.dl(foreach(source.facts, pair), class_name="cs-kv facts num"),
        el.footer(icon("circle-check", 14), el.span("Supports: ", source.claim)),
        class_name="cs-ev",
    )
