"""Who is invited and has not come yet, and the dialog that invites."""

import reflex as rx

from ui.components import panel
from ui.components.invitation_state import Invitations
from ui.components.island import Time
from ui.components.question import opens
from ui.directory_views import Choice
from ui.invitation_views import USUAL_ROLE, InvitationView
from ui.reflex_types import call, cond, el, foreach, fragment, longer
from ui.session import Session
from ui.theme import icon, link

_DIALOG = "invite"


def invitation_list() -> rx.Component:
    """The panel's body with its dialog; says nothing of its own where the members are not open to the reader."""
    nobody = el.p("Nobody is invited at present.", class_name="t3 none")
    listed = fragment(
        cond(
            longer(Invitations.items, 0),
            el.ul(foreach(Invitations.items, _invitation), class_name="cs-invitations"),
            nobody,
        ),
        el.footer(
            cond(
                Session.me.is_demo,
                link("This demo keeps its mail in the outbox", to="/outbox", class_name="s12"),
            ),
            el.span(class_name="grow"),
            el.button(
                icon("mail-plus", 14),
                "Invite…",
                type="button",
                id="invite-open",
                disabled=Invitations.locked != "",
                title=Invitations.locked,
                class_name="cs-btn primary",
                custom_attrs=opens(_DIALOG),
            ),
        ),
        _dialog(),
    )
    return cond(
        Invitations.error != "",
        cond(
            Invitations.forbidden,
            panel.closed("Invitations are not open to you", Invitations.error),
            panel.broken("Invitations could not be read", Invitations.error, Invitations.load),
        ),
        cond(Invitations.loaded, listed, panel.skeleton(2)),
    )


def _invitation(one: InvitationView) -> rx.Component:
    off = (Invitations.locked != "") | Invitations.busy
    return el.li(
        el.div(
            el.div(
                el.bdi(one.email, class_name="w5 trunc"),
                cond(one.lapsed, el.span("No longer good", class_name="cs-tag amber")),
                class_name="row",
            ),
            el.div(
                one.role,
                cond(one.by != "", fragment(" · by ", el.bdi(one.by)), ""),
                " · until ",
                Time.create(at=one.until, form="moment"),
                class_name="t3 s12 trunc",
            ),
            class_name="what",
        ),
        el.button(
            "Send again",
            el.span(" to ", one.email, class_name="sr"),
            type="button",
            disabled=off,
            title=Invitations.locked,
            on_click=call(Invitations.resend, one.id),
            class_name="cs-btn again",
        ),
        el.button(
            icon("x", 14),
            el.span("Take back the invitation of ", one.email, class_name="sr"),
            type="button",
            disabled=off,
            title=cond(Invitations.locked != "", Invitations.locked, "Take back"),
            on_click=call(Invitations.revoke, one.id),
            class_name="cs-btn quiet icon",
        ),
        custom_attrs={"data-invitation": one.email},
    )


def _dialog() -> rx.Component:
    """A sent form is replaced by a new dialog, which is closed and empty."""
    away = {"commandfor": _DIALOG, "command": "close"}
    return el.dialog(
        el.form(
            el.div(
                el.h2("Invite somebody", id="invite-title"),
                el.p("They get a link by mail that is good for seven days.", class_name="t2"),
                _email(),
                _role(),
                cond(longer(Invitations.teams, 0), _teams()),
                el.div(
                    cond(
                        Invitations.mistake != "",
                        el.div(icon("triangle-alert", 14), Invitations.mistake, class_name="err"),
                    ),
                    id="invite-mistake",
                    role="alert",
                ),
            ),
            el.footer(
                el.button("Cancel", type="button", class_name="cs-btn", custom_attrs=away),
                el.button(
                    cond(Invitations.busy, "Inviting…", "Invite"),
                    type="submit",
                    id="invite-now",
                    disabled=Invitations.busy,
                    class_name="cs-btn primary",
                ),
            ),
            on_submit=Invitations.send,
        ),
        key=Invitations.sent,
        id=_DIALOG,
        class_name="cs-dialog",
        aria_labelledby="invite-title",
    )


def _email() -> rx.Component:
    return el.div(
        el.label("Work e-mail", html_for="invite-email"),
        el.input(
            id="invite-email",
            name="email",
            type="email",
            required=True,
            max_length=254,
            auto_complete="off",
            aria_describedby="invite-mistake",
            class_name="cs-input",
        ),
        class_name="cs-field",
    )


def _role() -> rx.Component:
    return el.div(
        el.label("Role", html_for="invite-role"),
        el.select(
            foreach(Invitations.roles, _option),
            id="invite-role",
            name="role",
            default_value=USUAL_ROLE,
            class_name="cs-input",
        ),
        class_name="cs-field",
    )


def _option(choice: Choice) -> rx.Component:
    return el.option(choice.label, value=choice.value, disabled=choice.off)


def _teams() -> rx.Component:
    return el.fieldset(
        el.legend("Teams"),
        foreach(
            Invitations.teams,
            lambda team: el.label(
                el.input(type="checkbox", name=team.value),
                el.span(team.label, class_name="trunc"),
                class_name="it",
            ),
        ),
        class_name="cs-boxes",
    )
