"""The seal line: one sentence per standing, and what stands below it. The browser picks the one that holds."""

import reflex as rx

from ui.components.island import Do, Phase, Seal, Time
from ui.theme import icon, outside
from ui.view_models import CardView


def seal_line(c: CardView) -> rx.Component:
    """All variants; exactly one is shown."""
    sealed = _digest(c)
    return rx.fragment(
        _line(
            c,
            "pending partial",
            "",
            "What you see is what runs",
            rx.el.span("Sealed as ", sealed, ". ", c.record, " is read again before anything is locked."),
            copy=True,
        ),
        _line(c, "signing", "run", "Signing", rx.el.span("Binding your approval to ", sealed)),
        _line(c, "rejecting", "", "Rejecting", rx.el.span("Nothing is sent to ", c.system, ".")),
        _line(c, "approved queued", "run", "Approved, about to be carried out", rx.el.span("Bound to ", sealed, ".")),
        _line(
            c,
            "executing",
            "run",
            rx.fragment("Approved. ", c.system, " is being asked to carry it out"),
            rx.cond(
                c.effect_key != "",
                rx.el.span("Sent with key ", rx.el.span(c.effect_key, class_name="mono"), ", so that it can happen only once."),
                rx.el.span("It is sent with a key of its own, so that it can happen only once."),
            ),
        ),
        _line(c, "executed", "ok", "Ran exactly what was approved", _executed(c, sealed), end=_object(c)),
        _line(c, "rejected", "", rx.fragment("Rejected", _by(c), ". Nothing was changed"), rx.el.span(c.decided_detail)),
        _line(
            c,
            "stale",
            "warn",
            "The record changed after this was drafted, so the two halves no longer match",
            rx.el.span("Nothing was sent to ", c.system, ". What changed stands below."),
        ),
        _line(
            c,
            "failed",
            "bad",
            rx.fragment(c.system, " refused it"),
            rx.el.span(rx.cond(c.effect_error != "", c.effect_error, "It is not tried again on its own.")),
        ),
        _line(
            c,
            "unknown",
            "unk",
            "Sent, but nobody knows yet whether it happened",
            rx.el.span("The answer is missing. It is read back from ", c.system, " and will not be sent again."),
        ),
        _line(c, "expired", "", "Expired. Nobody decided in time, nothing was changed", rx.el.span(c.on_silence)),
        _line(c, "withdrawn", "", "Withdrawn. Nothing was changed", rx.el.span(c.decided_detail)),
        _line(c, "undone", "", "Undone", rx.el.span(c.decided_detail)),
    )


def _digest(c: CardView) -> rx.Component:
    return rx.el.span(c.short_digest, class_name="mono nowrap", title=c.digest)


def _by(c: CardView) -> rx.Component:
    return rx.cond(c.decided_by != "", rx.fragment(" by ", rx.el.bdi(c.decided_by)), rx.fragment())


def _executed(c: CardView, sealed: rx.Component) -> rx.Component:
    same = rx.el.b(" = ", class_name="w6")
    return rx.el.span(
        "Approved ",
        sealed,
        same,
        "executed ",
        sealed,
        ". ",
        rx.cond(
            c.confirmed_at != "",
            rx.fragment("Confirmed by ", c.system, " at ", Time.create(at=c.confirmed_at, form="clock"), "."),
            rx.fragment(),
        ),
    )


def _object(c: CardView) -> rx.Component:
    return rx.cond(
        c.object_url != "",
        outside(rx.el.span(c.object_id, class_name="mono trunc"), " in ", c.system, href=c.object_url, class_name="cs-btn object"),
        rx.fragment(),
    )


def _line(
    c: CardView,
    show: str,
    tone: str,
    title: object,
    detail: rx.Component,
    *,
    end: rx.Component | None = None,
    copy: bool = False,
) -> rx.Component:
    tail = end or rx.fragment()
    if copy:
        label = {"title": "Copy digest", "aria_label": "Copy digest"}
        tail = Do.create(icon("copy", 14), act="copy", arg=c.digest, class_name="cs-btn quiet icon", **label)
    seals = [
        Phase.create(Seal.create(state=state, size=30, you=c.your_turn, hidden=True), id=c.id, server=c.standing, show=state)
        for state in show.split()
    ]
    return Phase.create(
        rx.el.div(
            *seals,
            rx.el.div(rx.el.div(title, class_name="say"), rx.el.div(detail, class_name="dg num"), class_name="grow"),
            tail,
            class_name=f"cs-sealline {tone}",
            role="status",
        ),
        id=c.id,
        server=c.standing,
        show=show,
    )
