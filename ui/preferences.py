"""How this person wants the app, on every page: theme, density, and the keys that are off. The API keeps it."""

import reflex as rx
from reflex.event import EventSpec

from backend.schemas.profile import Preferences as Wire
from ui.api_client import Api
from ui.components.bridge import notify
from ui.requests import ApiError
from ui.session import session_of


class Preferences(rx.State):
    """What is chosen; empty until the API has said it. ``quiet`` are the keys that are off, one character each."""

    theme: str = ""
    density: str = ""
    quiet: str = ""
    _kept: Wire | None = None
    _saving: bool = False

    @rx.event(background=True)
    async def load(self) -> None:
        """Read it, on every page: another browser may have changed it. Without an answer the browser's own stay."""
        async with self:
            session = session_of(self)
        try:
            kept = await Api(session).preferences()
        except ApiError:
            return  # the page says what is wrong
        async with self:
            if not self._saving:
                self._kept = kept
                self._show(kept)

    @rx.event(background=True)
    async def choose(self, what: str, value: str) -> EventSpec | None:
        """Take ``theme``, ``density`` or ``quiet`` at once, and keep it; a refusal takes it back and says so."""
        async with self:
            if self._kept is None or what not in {"theme", "density", "quiet"}:
                return notify("refused", "Not saved", "Your settings could not be read. Try again.")
            setattr(self, what, value)
            if self._saving:
                return None  # the one who saves will see it
            self._saving, session = True, session_of(self)
        return await self._save(Api(session))

    async def _save(self, api: Api) -> EventSpec | None:
        while True:
            async with self:
                wanted = Wire(theme=self.theme, density=self.density, quiet_keys=list(self.quiet))
            try:
                kept = await api.prefer(wanted)
            except ApiError as error:
                async with self:
                    self._saving = False
                    if self._kept:
                        self._show(self._kept)
                return notify("refused", "Not saved", error.detail)
            async with self:
                self._kept = kept
                if (self.theme, self.density, self.quiet) == _parts(wanted):
                    self._saving = False
                    return None

    def _show(self, kept: Wire) -> None:
        self.theme, self.density, self.quiet = _parts(kept)


def _parts(kept: Wire) -> tuple[str, str, str]:
    return kept.theme, kept.density, "".join(kept.quiet_keys)
