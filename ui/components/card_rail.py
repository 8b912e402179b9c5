"""The rail of the card: risk that adds up, signatures, due time."""

import reflex as rx

from ui.components.island import Due, Meter, Seal, Time
from ui.theme import icon
from ui.view_models import CardView, RiskLine, SignatureView


def rail(c: CardView) -> rx.Component:
    """What stays in sight beside every tab."""
    return rx.el.aside(_risk(c), _signatures(c), _due(c), class_name="rail", aria_label="Risk, signatures, due")


def _risk(c: CardView) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Risk ", c.risk_score, ", ", c.risk_band, rx.el.span("of 100", class_name="end"), class_name="cs-h"),
        rx.el.div(Meter.create(score=c.risk_score, width=258, height=7), class_name="cs-riskscale"),
        rx.foreach(c.risk_lines, _risk_line),
    )


def _risk_line(line: RiskLine) -> rx.Component:
    bar = rx.el.i(class_name=rx.cond(line.lowers, "lowers", ""), style={"insetInlineStart": line.start, "width": line.width})
    return rx.el.div(
        rx.el.span(line.label, class_name=rx.cond(line.lowers, "t2", "")),
        rx.el.span(bar, class_name="bar", aria_hidden="true"),
        rx.el.span(line.points, class_name="n"),
        class_name="cs-riskrow",
    )


def _signatures(c: CardView) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Signatures", rx.el.span(c.signed_word, class_name="end"), class_name="cs-h"),
        rx.el.div(
            rx.el.span(icon("bot", 14), class_name="cs-av sq"),
            rx.el.div(
                rx.el.div(c.playbook, class_name="who"),
                rx.el.div("Proposed ", Time.create(at=c.created_at, form="moment"), class_name="meta"),
            ),
            Seal.create(state="pending", size=16, hidden=True),
            class_name="cs-sig signed",
        ),
        rx.foreach(c.signatures, _signature),
    )


def _signature(signature: SignatureView) -> rx.Component:
    given = signature.at != ""
    return rx.el.div(
        rx.cond(
            signature.initials != "",
            rx.el.span(signature.initials, class_name="cs-av", aria_hidden="true"),
            rx.el.span(icon("user-round", 14), class_name="cs-av"),
        ),
        rx.el.div(
            rx.el.div(signature.name, class_name="who"),
            rx.el.div(signature.note, rx.cond(given, rx.fragment(" ", Time.create(at=signature.at, form="moment")), rx.fragment()), class_name="meta"),
        ),
        Seal.create(state=rx.cond(given, "approved", "pending"), size=16, you=signature.you, hidden=True),
        class_name=rx.cond(given, "cs-sig signed", rx.cond(signature.you, "cs-sig you", "cs-sig")),
    )


def _due(c: CardView) -> rx.Component:
    open_due = (c.due_at != "") & (c.decision == "pending")
    return rx.cond(
        open_due,
        rx.el.section(
            rx.el.h2("Due", class_name="cs-h"),
            rx.el.div(
                rx.el.span(Due.create(at=c.due_at, since=c.created_at), rx.el.span(", ", Time.create(at=c.due_at, form="moment"), class_name="t2")),
                rx.el.span(c.on_silence, class_name="t3 s12"),
                class_name="cs-stack",
            ),
        ),
        rx.fragment(),
    )
