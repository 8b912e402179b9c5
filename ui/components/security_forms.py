"""The forms of one's own security: another password, the second factor, its recovery codes and its end."""

import reflex as rx

from ui.components import panel
from ui.components.island import Do
from ui.components.security_state import CONFIRM, END, PASSWORD, Security
from ui.reflex_types import cond, el, foreach, fragment, longer
from ui.theme import form, icon


def password_form() -> rx.Component:
    """Another password."""
    return form(
        _said(PASSWORD, "Your new password holds. You were signed out everywhere else."),
        _secret("password-now", "password", "Present password", "current-password"),
        _secret(
            "password-new",
            "new",
            "New password",
            "new-password",
            hint="12 characters or more. Every other browser and program of yours is signed out.",
        ),
        _mistake(PASSWORD),
        _foot(_submit("change-password", "Change password")),
        action="/auth/password",
    )


def second_factor() -> rx.Component:
    """The way to it while it is off; what it needs while it is on."""
    return cond(
        Security.error != "",
        panel.broken("Your second factor could not be read", Security.error, Security.load),
        cond(
            Security.loaded,
            cond(Security.enabled, _on(), cond(Security.secret != "", _confirm(), _begin())),
            panel.skeleton(3),
        ),
    )


def _begin() -> rx.Component:
    return el.form(
        _said(END, "The second factor is off. Your password alone signs you in."),
        el.p(
            "Off. With it, signing in asks for a code that an app on your phone shows, so that your password alone "
            "opens nothing.",
            class_name="t2",
        ),
        _secret("proof", "password", "Your password", "current-password"),
        _refused(),
        _foot(_submit("begin-totp", "Set up an app…", busy=True)),
        on_submit=Security.begin,
        no_validate=True,
    )


def _confirm() -> rx.Component:
    qr = el.svg(
        el.path(d=Security.qr.path),
        view_box=Security.qr.box,
        role="img",
        aria_label="QR code for the app; the secret stands beside it",
        class_name="cs-qr",
    )
    return form(
        el.div(
            qr,
            el.div(
                el.p("Scan this with your authenticator app, or type the secret into it:"),
                el.code(Security.secret, id="totp-secret", class_name="mono"),
                el.p(
                    "Then type the code that the app shows. From then on signing in asks for one.",
                    class_name="t2",
                ),
                class_name="what",
            ),
            class_name="cs-scan",
        ),
        el.div(
            el.label("Code", html_for="totp-code"),
            el.input(
                id="totp-code",
                name="code",
                required=True,
                auto_complete="one-time-code",
                input_mode="numeric",
                class_name="cs-input num",
            ),
            class_name="cs-field",
        ),
        _mistake(CONFIRM),
        _foot(_submit("confirm-totp", "Turn on")),
        action="/auth/second-factor",
    )


def _on() -> rx.Component:
    none = el.div(
        icon("triangle-alert", 14),
        el.span("You have no recovery codes. Without your phone nothing lets you in: make some."),
        class_name="cs-note amber",
    )
    return fragment(
        el.div(
            el.div(
                el.div("Signing in asks for a code of your app", class_name="w5"),
                el.div(
                    Security.left,
                    " recovery codes are left; each stands in once for the app.",
                    class_name="t3 s12 num",
                    id="codes-left",
                ),
                class_name="what",
            ),
            el.span("On", class_name="cs-tag green", id="totp-on"),
            class_name="line",
        ),
        el.form(
            cond(Security.left == 0, fragment(_said(CONFIRM, "The second factor is on."), none)),
            cond(longer(Security.codes, 0), _codes()),
            _secret(
                "proof",
                "password",
                "Your password",
                "current-password",
                hint="New recovery codes make those before worthless.",
            ),
            _refused(),
            _foot(_submit("make-codes", "Make recovery codes", busy=True)),
            on_submit=Security.make_codes,
            reset_on_submit=True,
            no_validate=True,
        ),
        form(
            _secret(
                "proof-end",
                "password",
                "Your password, to turn the second factor off",
                "current-password",
                hint="App and recovery codes are forgotten. Your password alone signs you in.",
            ),
            _mistake(END),
            _foot(_submit("end-totp", "Turn off", look="danger")),
            action="/auth/second-factor/end",
            class_name="cs-ending",
        ),
    )


def _codes() -> rx.Component:
    return el.div(
        el.h3("Keep these recovery codes now"),
        el.p(
            "They are shown this once. Each signs you in one time without the app.", class_name="t2"
        ),
        el.ul(foreach(Security.codes, lambda one: el.li(el.code(one, class_name="mono")))),
        el.div(
            Do.create(
                icon("copy", 14),
                "Copy all",
                act="copy",
                arg=Security.codes.join("\n"),
                class_name="cs-btn",
            ),
            el.button(
                "I have them",
                type="button",
                id="codes-kept",
                on_click=Security.forget_codes,
                class_name="cs-btn primary",
            ),
            class_name="row",
        ),
        id="recovery-codes",
        tab_index=-1,
        role="status",
        class_name="cs-shown",
    )


def _secret(field_id: str, name: str, label: str, complete: str, *, hint: str = "") -> rx.Component:
    told = {"aria_describedby": f"{field_id}-hint"} if hint else {}
    return el.div(
        el.label(label, html_for=field_id),
        el.input(
            id=field_id,
            name=name,
            type="password",
            required=True,
            auto_complete=complete,
            max_length=200,
            class_name="cs-input",
            **told,
        ),
        el.span(hint, id=f"{field_id}-hint", class_name="hint") if hint else fragment(),
        class_name="cs-field",
    )


def _said(place: str, words: str) -> rx.Component:
    told = el.div(icon("check", 14), el.span(words), class_name="cs-note", role="status")
    return cond(Security.done == place, told)


def _mistake(place: str) -> rx.Component:
    return cond((Security.failed == place) & (Security.mistake != ""), _err(Security.mistake))


def _refused() -> rx.Component:
    return cond(Security.refused != "", _err(Security.refused))


def _err(text: object) -> rx.Component:
    told = el.div(icon("triangle-alert", 14), el.span(text), class_name="err")
    return el.div(told, role="alert", class_name="cs-field")


def _submit(
    button_id: str, words: str, *, look: str = "primary", busy: bool = False
) -> rx.Component:
    off = {"disabled": Security.busy} if busy else {}
    return el.button(words, type="submit", id=button_id, class_name=f"cs-btn {look}", **off)


def _foot(button: rx.Component) -> rx.Component:
    return el.footer(button)
