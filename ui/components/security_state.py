"""One's own security in the browser's tab: how the second factor stands, and what the last form came to.

The forms that end with another session are sent by the browser itself; the page reads in its address what became of
them. What is shown once leaves the tab with the next opening of the page.
"""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ui.api_client import Api
from ui.components.bridge import focus_on
from ui.qr import Code, code
from ui.reflex_types import call
from ui.requests import ApiError
from ui.session import explained, session_of

PASSWORD, CONFIRM, END = "password", "second-factor", "second-factor/end"
"""The forms, by their addresses below ``/auth/``."""

_MISTAKES = {
    "wrong_password": "This is not your present password.",
    "unfit_password": "Choose another password than the present one, of 12 to 200 characters.",
    "wrong_code": "This is not the code that the app shows now. Wait for the next one.",
    "totp_not_begun": "The secret is gone. Begin anew.",
    "rate_limited": "Too many tries. Wait a minute, then try again.",
}
_FAILED = "That did not work. Try again."


class Security(rx.State):
    """``done`` is the form that has just succeeded, ``failed`` the one that was refused, and ``mistake`` why."""

    done: str = ""
    failed: str = ""
    mistake: str = ""
    enabled: bool = False
    left: int = 0
    loaded: bool = False
    error: str = ""
    busy: bool = False
    refused: str = ""
    secret: str = ""
    qr: Code = Code()
    codes: rx.Field[list[str]] = rx.field(default_factory=list)

    @rx.event
    def open(self) -> EventSpec:
        """Read in the address what became of a form. Only after a wrong code the app's secret is still needed."""
        query = self.router.url.query_parameters
        slug = query.get("error", "")
        self.done, self.failed = query.get("done", ""), query.get("at", "")
        self.mistake = _MISTAKES.get(slug, _FAILED) if slug else ""
        self.refused, self.codes = "", []
        if self.failed != CONFIRM:
            self.secret, self.qr = "", Code()
        return call(Security.load)

    @rx.event(background=True)
    async def load(self) -> None:
        """Read whether log-in asks for a code."""
        async with self:
            api = Api(session_of(self))
        try:
            found = await api.second_factor()
        except ApiError as error:
            async with self:
                self.error = await explained(self, error)
            return
        async with self:
            self.enabled, self.left = found.enabled, found.recovery_codes_left
            self.loaded, self.error = True, ""

    @rx.event(background=True)
    async def begin(self, form: dict[str, Any]) -> EventSpec | None:
        """Have a secret made for the app; it is worth nothing before its first code."""
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
        try:
            made = await api.begin_second_factor(str(form.get("password", "")))
        except ApiError as error:
            return await self._refuse(error)
        async with self:
            self.secret, self.qr, self.busy = _spelt(made.secret), code(made.uri), False
            self.refused, self.mistake = "", ""
        return focus_on("#totp-code")

    @rx.event(background=True)
    async def make_codes(self, form: dict[str, Any]) -> EventSpec | None:
        """Have new recovery codes made, which are shown until the page is left."""
        async with self:
            if self.busy:
                return None
            self.busy, api = True, Api(session_of(self))
        try:
            made = await api.make_recovery_codes(str(form.get("password", "")))
        except ApiError as error:
            return await self._refuse(error)
        async with self:
            self.codes, self.left, self.busy, self.refused = made, len(made), False, ""
        return focus_on("#recovery-codes")

    @rx.event
    def forget_codes(self) -> None:
        """They were kept elsewhere."""
        self.codes = []

    async def _refuse(self, error: ApiError) -> EventSpec:
        async with self:
            self.refused, self.busy = await explained(self, error), False
        return focus_on("#proof")


def _spelt(secret: str) -> str:
    """In groups, to be typed into an app that cannot see."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
