"""The decision bar: what can be done with the proposal now, and why not where it cannot."""

from dataclasses import dataclass

import reflex as rx

from ui.components.card_edit import edit_bar
from ui.components.card_reasons import Ask, reason_form
from ui.components.card_talk import ask_form, delegate_form, undo_form
from ui.components.island import Do, Hold, Phase, Place, Unless, When
from ui.reflex_types import cond, el, fragment, match, negate
from ui.theme import icon, kbd
from ui.view_models import CardView

OFFLINE = "Deciding is paused while there is no connection"
DECIDED = "approved executing rejected stale failed expired withdrawn undone"


def decision_bar(c: CardView) -> rx.Component:
    """Buttons of the present standing; the browser picks the row without asking the server."""
    return el.div(
        _for(c, "pending partial", _open(c)),
        _for(c, "signing", _busy("Signing…")),
        _for(c, "rejecting", _busy("Rejecting…")),
        _for(c, "sending", _busy("Sending…")),
        _for(c, "queued", _held(c)),
        _for(c, "unknown", _unknown(c)),
        _for(c, "executed", _executed(c)),
        _for(c, DECIDED, _next("primary"), _after(c), _trail(c)),
        class_name="cs-decide",
    )


def _for(c: CardView, show: str, *children: rx.Component) -> rx.Component:
    return Phase.create(*children, id=c.id, server=c.standing, show=show)


@dataclass(frozen=True)
class _Act:
    """One button: whether the person may, and if not, why."""

    words: object
    key: str
    id: str
    allowed: object
    reason: object
    look: str = ""


def _open(c: CardView) -> rx.Component:
    approve = _Act(c.button, "A", "approve", c.can_approve, c.approve_reason, "primary")
    reject = _Act("Reject…", "R", "reject", c.can_reject, c.reject_reason)
    buttons = fragment(
        _why(c.barred),
        _paused(),
        _send(approve, {"id": c.id, "kind": "approve", "digest": c.digest}),
        _ask(reject),
        _more(
            _Act("Edit", "E", "edit", c.can_edit, c.edit_reason, "quiet"),
            _Act("Ask…", "Q", "ask", c.can_ask, c.ask_reason, "quiet"),
            _Act("Delegate…", "D", "delegate", c.can_delegate, c.delegate_reason, "quiet"),
            _Act("Withdraw…", "W", "withdraw", c.can_withdraw, c.withdraw_reason, "quiet"),
        ),
        _trail(c),
    )
    nothing = fragment(
        "The reason is kept with the proposal. Nothing is changed in ", c.system, "."
    )
    rejection = Ask(
        "Reject because",
        "Reject",
        "What is wrong with it",
        nothing,
        {"id": c.id, "kind": "reject", "digest": c.digest},
    )
    withdrawal = Ask(
        "Withdraw because",
        "Withdraw",
        "Why it is not wanted any more",
        nothing,
        {"id": c.id, "kind": "withdraw", "digest": c.digest},
    )
    return _asking(
        buttons,
        ("reject", c.can_reject, reason_form(rejection)),
        ("withdraw", c.can_withdraw, reason_form(withdrawal)),
        ("edit", c.can_edit, edit_bar(c)),
        ("ask", c.can_ask, ask_form(c)),
        ("delegate", c.can_delegate, delegate_form(c)),
    )


def _held(c: CardView) -> rx.Component:
    act = _Act("Take it back", "Z", "take-back", c.can_take_back, c.take_back_reason)
    left = Hold.create(
        id=c.id, at=c.held_since, seconds=c.hold_seconds, word="Sends in {} s", over="Being sent"
    )
    return fragment(
        _paused(),
        _send(act, {"id": c.id, "kind": "take_back", "digest": c.digest}),
        _next(),
        el.span(left, class_name="t2"),
        _trail(c),
    )


def _unknown(c: CardView) -> rx.Component:
    check = _Act(
        "Read back now", "", "check-again", c.can_resolve, c.resolve_reason, look="primary"
    )
    done = _Act("It happened…", "", "mark-done", c.can_resolve, c.resolve_reason)
    not_done = _Act("It did not…", "", "mark-not-done", c.can_resolve, c.resolve_reason)
    buttons = fragment(
        _why(c.resolve_reason),
        _paused(),
        _send(check, {"id": c.id, "kind": "check_again", "to": "effect"}),
        _ask(done),
        _ask(not_done),
        _trail(c),
    )
    hint = "Your word is kept with the proposal. Nothing is sent again."
    happened = Ask(
        "It happened:",
        "Mark as done",
        "How you know that it was carried out",
        hint,
        {"id": c.id, "kind": "mark_done", "to": "effect"},
    )
    did_not = Ask(
        "It did not:",
        "Mark as not done",
        "How you know that it was not carried out",
        hint,
        {"id": c.id, "kind": "mark_not_done", "to": "effect"},
    )
    return _asking(
        buttons,
        ("mark-done", c.can_resolve, reason_form(happened)),
        ("mark-not-done", c.can_resolve, reason_form(did_not)),
    )


def _executed(c: CardView) -> rx.Component:
    undo = _Act("Undo…", "U", "undo", c.can_undo, c.undo_reason)
    buttons = fragment(_next("primary"), _ask(undo), _trail(c))
    return _asking(buttons, ("undo", c.can_undo, undo_form(c)))


def _asking(buttons: rx.Component, *forms: tuple[str, object, rx.Component]) -> rx.Component:
    """The buttons, or the form of the act that was chosen, for who may do it."""
    modes = " ".join(mode for mode, _, _ in forms)
    shown = [
        When.create(cond(allowed, form, buttons), of="mode", equals=mode)
        for mode, allowed, form in forms
    ]
    return fragment(Unless.create(buttons, of="mode", equals=modes), *shown)


def _more(*acts: _Act) -> rx.Component:
    """Further acts: in the row where there is room, else in a menu."""
    return fragment(
        el.button(
            "More",
            icon("chevron-up", 14),
            type="button",
            id="more",
            class_name="cs-btn lg quiet",
            custom_attrs={"popovertarget": "further"},
        ),
        el.div(
            *[_ask(act, popovertarget="further", popovertargetaction="hide") for act in acts],
            id="further",
            class_name="cs-further",
            custom_attrs={"popover": "auto"},
        ),
    )


def _send(act: _Act, arg: dict[str, object]) -> rx.Component:
    return _button(act, act="decide", arg=arg)


def _ask(act: _Act, **attributes: str) -> rx.Component:
    return _button(act, act="mode", arg=act.id, custom_attrs=attributes)


def _button(button: _Act, **does: object) -> rx.Component:
    return Do.create(
        button.words,
        kbd(button.key) if button.key else fragment(),
        cond(button.allowed, fragment(), el.span(button.reason, class_name="because")),
        live=True,
        disabled=negate(button.allowed),
        title=button.reason,
        offline=OFFLINE,
        id=button.id,
        class_name=f"cs-btn lg {button.look}",
        **does,
    )


def _why(reason: object) -> rx.Component:
    """The reason of the first button that is off, as a line of its own."""
    return cond(reason != "", el.span(icon("lock", 14), reason, class_name="why row t2"))


def _paused() -> rx.Component:
    return When.create(
        el.span(icon("wifi-off", 14), OFFLINE, class_name="why row t2"),
        of="connection",
        equals="offline",
    )


def _busy(words: str) -> rx.Component:
    return el.button(
        icon("loader-circle", 14),
        words,
        class_name="cs-btn lg primary busy",
        disabled=True,
        aria_busy="true",
    )


def _next(look: str = "") -> rx.Component:
    return Do.create("Next proposal", kbd("J"), act="next", class_name=f"cs-btn lg {look}")


def _after(c: CardView) -> rx.Component:
    return el.span(
        match(
            c.standing,
            ("executing", "Sent. The outcome appears here by itself."),
            ("stale", "A new run drafts it again on the changed record."),
            ("failed", "A new run can propose it again."),
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
