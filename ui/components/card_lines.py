"""The seal line: one sentence per standing, and what stands below it. The browser picks the one that holds."""

import reflex as rx

from ui.components.island import Do, Phase, Seal, Time, Unless, When
from ui.reflex_types import cond, el, fragment
from ui.theme import icon, outside
from ui.view_models import CardView


def seal_line(c: CardView) -> rx.Component:
    """All variants; exactly one is shown."""
    sealed = _digest(c)
    return fragment(
        Unless.create(_open(c, sealed), of="mode", equals="edit"),
        When.create(
            _line(
                c,
                "pending partial",
                "",
                "Your edit gets a seal of its own",
                el.span(sealed, " stays in the history. What runs is what is signed."),
            ),
            of="mode",
            equals="edit",
        ),
        _line(c, "signing", "run", "Signing", el.span("Binding your approval to ", sealed)),
        _line(c, "rejecting", "", "Rejecting", el.span("Nothing is sent to ", c.system, ".")),
        _line(c, "sending", "", "Sending", el.span("What you said is being recorded.")),
        _line(
            c,
            "approved queued",
            "run",
            "Approved, about to be carried out",
            el.span("Bound to ", sealed, ". ", c.hold),
        ),
        _line(
            c,
            "executing",
            "run",
            fragment("Approved. ", c.system, " is being asked to carry it out"),
            cond(
                c.effect_key != "",
                el.span(
                    "Sent with key ",
                    el.span(c.effect_key, class_name="mono"),
                    ", so that it can happen only once.",
                ),
                el.span("It is sent with a key of its own, so that it can happen only once."),
            ),
        ),
        _line(
            c,
            "executed",
            "ok",
            cond(
                c.marked_by != "",
                fragment("Marked as done by ", el.bdi(c.marked_by)),
                "Ran exactly what was approved",
            ),
            cond(c.marked_by != "", el.span(c.marked_reason), _executed(c, sealed)),
            end=_object(c),
        ),
        _line(
            c,
            "rejected",
            "",
            fragment("Rejected", _by(c), ". Nothing was changed"),
            el.span(c.decided_detail),
        ),
        _line(
            c,
            "stale",
            "warn",
            "The record changed after this was drafted, so the two halves no longer match",
            el.span("Nothing was sent to ", c.system, ". What changed stands below."),
        ),
        _line(
            c,
            "failed",
            "bad",
            cond(
                c.marked_by != "",
                fragment("Marked as not done by ", el.bdi(c.marked_by)),
                fragment(c.system, " refused it"),
            ),
            el.span(
                cond(c.effect_error != "", c.effect_error, "It is not tried again on its own.")
            ),
        ),
        _line(
            c,
            "unknown",
            "unk",
            "Sent, but nobody knows yet whether it happened",
            el.span(
                cond(c.effect_error != "", c.effect_error, "The answer is missing."),
                " It will not be sent again.",
            ),
        ),
        _line(
            c,
            "expired",
            "",
            "Expired. Nobody decided in time, nothing was changed",
            el.span(c.on_silence),
        ),
        _line(
            c,
            "withdrawn",
            "",
            fragment("Withdrawn", _by(c), ". Nothing was changed"),
            el.span(c.decided_detail),
        ),
        _line(c, "undone", "", "Undone", el.span(c.decided_detail)),
    )


def _open(c: CardView, sealed: rx.Component) -> rx.Component:
    edited = fragment(
        "Revision ", c.revision, " by ", el.bdi(c.revised_by), ", sealed as ", sealed, ". "
    )
    return _line(
        c,
        "pending partial",
        "",
        "What you see is what runs",
        el.span(
            cond(c.revised_by != "", edited, fragment("Sealed as ", sealed, ". ")),
            cond(c.revised_reason != "", el.span("“", c.revised_reason, "” ")),
            c.record,
            " is read again when you approve.",
        ),
        copy=True,
    )


def _digest(c: CardView) -> rx.Component:
    return el.span(c.short_digest, class_name="mono nowrap", title=c.digest)


def _by(c: CardView) -> rx.Component:
    return cond(c.decided_by != "", fragment(" by ", el.bdi(c.decided_by)))


def _executed(c: CardView, sealed: rx.Component) -> rx.Component:
    same = el.b(" = ", class_name="w6")
    return el.span(
        "Approved ",
        sealed,
        same,
        "executed ",
        sealed,
        ". ",
        cond(
            c.confirmed_at != "",
            fragment(
                "Confirmed by ", c.system, " at ", Time.create(at=c.confirmed_at, form="clock"), "."
            ),
        ),
    )


def _object(c: CardView) -> rx.Component:
    return cond(
        c.object_url != "",
        outside(
            el.span(c.object_id, class_name="mono trunc"),
            " in ",
            c.system,
            href=c.object_url,
            class_name="cs-btn object",
        ),
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
    tail = end or fragment()
    if copy:
        label = {"title": "Copy digest", "aria_label": "Copy digest"}
        tail = Do.create(
            icon("copy", 14), act="copy", arg=c.digest, class_name="cs-btn quiet icon", **label
        )
    seals = [
        Phase.create(
            Seal.create(
                state=state,
                size=30,
                you=c.your_turn,
                signed=c.signed,
                required=c.required,
                hidden=state != "partial",
            ),
            id=c.id,
            server=c.standing,
            show=state,
        )
        for state in show.split()
    ]
    return Phase.create(
        el.div(
            *seals,
            el.div(
                el.div(title, class_name="say"),
                el.div(detail, class_name="dg num"),
                class_name="grow",
            ),
            tail,
            class_name=f"cs-sealline {tone}",
            role="status",
        ),
        id=c.id,
        server=c.standing,
        show=show,
    )
