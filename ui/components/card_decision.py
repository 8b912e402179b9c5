"""The decision bar: what can be done with the proposal now, and why not where it cannot."""

import reflex as rx

from ui.components.island import Do, Phase, Place, Reason, Unless, When
from ui.reflex_types import cond, el, fragment, match, negate
from ui.theme import icon, kbd
from ui.view_models import CardView

OFFLINE = "Deciding is paused while there is no connection"
DECIDED = (
    "approved queued executing executed rejected stale failed unknown expired withdrawn undone"
)


def decision_bar(c: CardView) -> rx.Component:
    """Buttons of the present standing; the browser picks the row without asking the server."""
    return el.div(
        _for(c, "pending partial", _open(c)),
        _for(c, "signing", _busy("Signing…")),
        _for(c, "rejecting", _busy("Rejecting…")),
        _for(c, DECIDED, _next(primary=True), _after(c), _trail(c)),
        class_name="cs-decide",
    )


def _for(c: CardView, show: str, *children: rx.Component) -> rx.Component:
    return Phase.create(*children, id=c.id, server=c.standing, show=show)


def _open(c: CardView) -> rx.Component:
    reason = cond(
        c.can_approve,
        fragment(),
        el.span(icon("lock", 14), c.approve_reason, class_name="why row t2"),
    )
    paused = When.create(
        el.span(icon("wifi-off", 14), OFFLINE, class_name="why row t2"),
        of="connection",
        equals="offline",
    )
    buttons = fragment(_approve(c), _reject(c), reason, paused, _trail(c))
    return fragment(
        Unless.create(buttons, of="mode", equals="reject"),
        When.create(cond(c.can_reject, _reject_form(c), buttons), of="mode", equals="reject"),
    )


def _approve(c: CardView) -> rx.Component:
    return Do.create(
        c.button,
        kbd("A"),
        act="decide",
        arg={"id": c.id, "kind": "approve", "digest": c.digest},
        live=True,
        disabled=negate(c.can_approve),
        title=c.approve_reason,
        offline=OFFLINE,
        id="approve",
        class_name="cs-btn lg primary",
    )


def _reject(c: CardView) -> rx.Component:
    return Do.create(
        "Reject…",
        kbd("R"),
        act="mode",
        arg="reject",
        live=True,
        disabled=negate(c.can_reject),
        title=c.reject_reason,
        offline=OFFLINE,
        id="reject",
        class_name="cs-btn lg",
    )


def _reject_form(c: CardView) -> rx.Component:
    return Reason.create(
        el.label("Reject because", html_for="reject-reason", class_name="w5"),
        el.div(
            el.input(
                id="reject-reason",
                name="reason",
                class_name="cs-input",
                max_length=500,
                required=True,
                auto_complete="off",
                placeholder="What is wrong with it",
                aria_describedby="reject-hint",
            ),
            el.button(
                "Reject",
                el.span("↵", class_name="kbd"),
                type="submit",
                id="reject-confirm",
                class_name="cs-btn lg danger",
            ),
            Do.create("Cancel", kbd("Esc"), act="mode", arg="", class_name="cs-btn lg quiet"),
            class_name="row",
        ),
        When.create(
            el.span(
                icon("triangle-alert", 14),
                "Say why. The reason is kept with the proposal.",
                class_name="err",
                role="alert",
            ),
            of="mistake",
            equals="reason",
        ),
        el.span(
            "The reason is kept with the proposal. Nothing is changed in ",
            c.system,
            ".",
            id="reject-hint",
            class_name="t3 s12",
        ),
        id=c.id,
        digest=c.digest,
        class_name="cs-reject",
    )


def _busy(words: str) -> rx.Component:
    return el.button(
        icon("loader-circle", 14),
        words,
        class_name="cs-btn lg primary busy",
        disabled=True,
        aria_busy="true",
    )


def _next(*, primary: bool) -> rx.Component:
    return Do.create(
        "Next proposal",
        kbd("J"),
        act="next",
        class_name=f"cs-btn lg {'primary' if primary else ''}",
    )


def _after(c: CardView) -> rx.Component:
    return el.span(
        match(
            c.standing,
            ("executing", "Sent. The outcome appears here by itself."),
            ("stale", "A new run drafts it again on the changed record."),
            ("failed", "A new run can propose it again."),
            ("unknown", "Nobody needs to send it again. The outcome appears here."),
            "",
        ),
        class_name="t3 why",
    )


def _trail(c: CardView) -> rx.Component:
    return el.span(
        Place.create(word="{} of {}", id=c.id),
        Do.create(
            icon("chevron-left"),
            act="previous",
            class_name="cs-btn quiet icon",
            aria_label="Previous proposal",
            title="Previous (K)",
        ),
        Do.create(
            icon("chevron-right"),
            act="next",
            class_name="cs-btn quiet icon",
            aria_label="Next proposal",
            title="Next (J)",
        ),
        class_name="trail",
    )
