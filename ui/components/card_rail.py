"""The rail of the card: risk that adds up, signatures, due time."""

import reflex as rx

from ui.components.card_edit import edit_risk
from ui.components.island import Due, Meter, Seal, Time, Unless, When
from ui.reflex_types import cond, el, foreach, fragment
from ui.theme import icon
from ui.view_models import CardView, DelegationView, RiskLine, SignatureView


def rail(c: CardView) -> rx.Component:
    """What stays in sight beside every tab."""
    return el.aside(
        _risk(c), _signatures(c), _due(c), class_name="rail", aria_label="Risk, signatures, due"
    )


def _risk(c: CardView) -> rx.Component:
    return el.section(
        el.h2(
            "Risk ",
            c.risk_score,
            ", ",
            c.risk_band,
            Unless.create(el.span("of 100", class_name="end"), of="mode", equals="edit"),
            When.create(edit_risk(c), of="mode", equals="edit"),
            class_name="cs-h",
        ),
        el.div(Meter.create(score=c.risk_score, width=258, height=7), class_name="cs-riskscale"),
        foreach(c.risk_lines, _risk_line),
    )


def _risk_line(line: RiskLine) -> rx.Component:
    bar = el.i(
        class_name=cond(line.lowers, "lowers", ""),
        style={"insetInlineStart": line.start, "width": line.width},
    )
    return el.div(
        el.span(line.label, class_name=cond(line.lowers, "t2", "")),
        el.span(bar, class_name="bar", aria_hidden="true"),
        el.span(line.points, class_name="n"),
        class_name="cs-riskrow",
    )


def _signatures(c: CardView) -> rx.Component:
    return el.section(
        el.h2("Signatures", el.span(c.signed_word, class_name="end"), class_name="cs-h"),
        el.div(
            el.span(icon("bot", 14), class_name="cs-av sq"),
            el.div(
                el.div(c.playbook, class_name="who"),
                el.div("Proposed ", Time.create(at=c.created_at, form="moment"), class_name="meta"),
            ),
            Seal.create(state="pending", size=16, hidden=True),
            class_name="cs-sig signed",
        ),
        foreach(c.signatures, _signature),
        foreach(c.delegations, _delegation),
        cond(
            (c.escalated_at != "") & (c.decision == "pending"),
            _happened("Escalated ", Time.create(at=c.escalated_at)),
        ),
        el.p(c.policy_reason, class_name="t3 s12 gap"),
    )


def _delegation(one: DelegationView) -> rx.Component:
    return _happened(one.text, ", ", Time.create(at=one.at))


def _happened(*words: object) -> rx.Component:
    return el.div(icon("user-round-check", 14), el.span(*words), class_name="cs-happened t2 s12")


def _signature(signature: SignatureView) -> rx.Component:
    given = signature.at != ""
    return el.div(
        cond(
            signature.initials != "",
            el.span(signature.initials, class_name="cs-av", aria_hidden="true"),
            el.span(icon("user-round", 14), class_name="cs-av"),
        ),
        el.div(
            el.div(signature.name, class_name="who"),
            el.div(
                signature.note,
                cond(
                    given,
                    fragment(" ", Time.create(at=signature.at, form="moment")),
                ),
                class_name="meta",
            ),
        ),
        Seal.create(
            state=cond(given, "approved", "pending"), size=16, you=signature.you, hidden=True
        ),
        class_name=cond(given, "cs-sig signed", cond(signature.you, "cs-sig you", "cs-sig")),
    )


def _due(c: CardView) -> rx.Component:
    open_due = (c.due_at != "") & (c.decision == "pending")
    return cond(
        open_due,
        el.section(
            el.h2("Due", class_name="cs-h"),
            el.div(
                el.span(
                    Due.create(at=c.due_at, since=c.created_at),
                    el.span(Time.create(at=c.due_at, form="moment"), class_name="t3 s12"),
                ),
                el.span(c.on_silence, class_name="t3 s12"),
                class_name="cs-stack",
            ),
        ),
    )
