"""Who one is: the name can be changed, the rest is said."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.bridge import focus_on, notify
from ui.reflex_types import cond, el
from ui.requests import ApiError
from ui.session import Session, explained, me_view, session_of
from ui.settings_views import name_mistake
from ui.theme import icon


class Profile(rx.State):
    """The form."""

    mistake: str = ""
    saving: bool = False

    @rx.event
    def open(self) -> None:
        """A page that is opened speaks of no earlier mistake."""
        self.mistake, self.saving = "", False

    @rx.event
    def check(self, name: str) -> None:
        """Say what is wrong with the name when its field is left."""
        self.mistake = name_mistake(name)

    @rx.event(background=True)
    async def save(self, form: dict[str, Any]) -> list[EventSpec] | EventSpec | None:
        """Change the name. After a refusal what was typed is still there."""
        name = str(form.get("name", "")).strip()
        async with self:
            if self.saving:
                return None
            self.mistake = name_mistake(name)
            if self.mistake:
                return focus_on("#name")
            self.saving, session = True, session_of(self)
        try:
            me = await Api(session).rename(name)
        except ApiError as error:
            async with self:
                self.mistake, self.saving = await explained(self, error), False
            return [focus_on("#name"), notify("refused", "The name was not saved", error.detail)]
        async with self:
            shell = await self.get_state(Session)
            shell.me, self.saving = me_view(me), False
        return notify("executed", "Saved", "Others see your new name from now on.")


def profile_form() -> rx.Component:
    """Drawn once the person is known, so that the field starts with their name."""
    me = Session.me
    field = el.div(
        el.label("Name", html_for="name"),
        el.input(
            id="name",
            name="name",
            default_value=me.name,
            auto_complete="name",
            on_blur=Profile.check,
            aria_invalid=Profile.mistake != "",
            aria_describedby="name-hint name-error",
            class_name="cs-input",
        ),
        el.span("As others see it beside your decisions.", id="name-hint", class_name="hint"),
        el.div(
            cond(
                Profile.mistake != "",
                el.div(icon("triangle-alert", 14), el.span(Profile.mistake), class_name="err"),
            ),
            id="name-error",
            role="alert",
        ),
        class_name="cs-field",
    )
    facts = el.dl(
        _fact("E-mail", el.span(me.email, id="profile-email")),
        _fact("Organization", me.organization.name),
        _fact("Role", me.role),
        class_name="cs-kv",
    )
    save = el.button(
        cond(Profile.saving, "Saving…", "Save name"),
        type="submit",
        id="save-name",
        disabled=Profile.saving,
        class_name="cs-btn primary",
    )
    return cond(
        me.user_id != "",
        el.form(
            field, facts, el.footer(save), on_submit=Profile.save, no_validate=True, key=me.user_id
        ),
        el.div(
            el.span(class_name="cs-skel wide"),
            el.span(class_name="cs-skel wide"),
            aria_busy="true",
            class_name="cs-panelskel",
        ),
    )


def _fact(label: str, value: object) -> rx.Component:
    return el.div(el.dt(label), el.dd(value), class_name="pair")
