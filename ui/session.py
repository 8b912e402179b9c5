"""Who is signed in: state of the shell, and the guard that keeps one person's state from the next."""

from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate

from backend.schemas.auth import Me
from ui.api_client import Api
from ui.requests import COOKIE, ApiError

SUSPENDED = "suspended"


def session_of(state: BaseState) -> str:
    """The session cookie of this browser, as the websocket's handshake carried it; empty if there is none."""
    try:
        morsel = SimpleCookie(state.router.headers.cookie).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


@dataclass(frozen=True)
class OrganizationView:
    """An organization one can switch to."""

    slug: str = ""
    name: str = ""
    initials: str = ""
    current: bool = False


@dataclass(frozen=True)
class MeView:
    """The person and the organization of this session."""

    user_id: str = ""
    name: str = ""
    email: str = ""
    initials: str = ""
    role: str = ""
    organization: OrganizationView = field(default_factory=OrganizationView)
    organizations: list[OrganizationView] = field(default_factory=list)
    is_demo: bool = False
    suspended: bool = False


class Session(rx.State):
    """The signed-in person. Every page loads it first."""

    me: MeView = MeView()
    leave: str = ""
    ended: bool = False
    _seen: str | None = None

    @rx.var
    def who(self) -> str:
        """Names the pair of person and organization; empty until known."""
        return f"{self.me.user_id} {self.me.organization.slug}" if self.me.user_id else ""

    @rx.event(background=True)
    async def boot(self) -> None:
        """Load who is signed in; without a session, name the login page to leave for."""
        async with self:
            session, place = session_of(self), place_of(self)
            known = self.me.user_id and not self.me.suspended
            if known and self._seen == session:
                return
            self._seen = session
        try:
            me = await Api(session).me()
        except ApiError as error:
            async with self:
                self.leave = login_path(place) if error.signed_out else ""
            return
        async with self:
            self.me, self.leave, self.ended = me_view(me), "", False

    def forget(self) -> None:
        """Have the next :meth:`boot` ask anew who is signed in, and where."""
        self._seen = None

    def changed_hands(self) -> bool:
        """Whether another session than the one that filled this tab's state is asking."""
        return self._seen is not None and self._seen != session_of(self)


async def explained(state: BaseState, error: ApiError) -> str:
    """What to show for ``error``. Once the session is over the page says so, and keeps what stands on it.

    In an organization that was suspended meanwhile the page shows nothing else. Call it while holding the lock of
    ``state``.
    """
    if error.code == "organization_suspended":
        session = await state.get_state(Session)
        session.me = replace(session.me, suspended=True)
    if error.signed_out:
        session = await state.get_state(Session)
        if session.me.user_id:
            session.ended = True
        else:
            session.leave = login_path(place_of(state))
    return error.detail


def place_of(state: BaseState) -> str:
    """Where the browser is: path and query."""
    url = state.router.url
    path = url.path or "/proposals"
    return f"{path}?{url.query}" if url.query else path


class Guard(Middleware):
    """Wipes a tab's state when another session takes it over, before anything of it is sent."""

    async def preprocess(
        self,
        app: rx.App,  # noqa: ARG002  the names are Reflex's
        state: BaseState,
        event: Event,  # noqa: ARG002
    ) -> StateUpdate | None:
        """Runs before every event, the first one of a page included."""
        session = await state.get_state(Session)
        if session.changed_hands():
            for kind in _states_of_ours(rx.State):
                (await state.get_state(kind)).reset()  # type: ignore[no-untyped-call]
        return None


def _states_of_ours(kind: type[BaseState]) -> list[type[BaseState]]:
    found = []
    for sub in kind.__subclasses__():
        if sub.__module__.startswith("ui."):
            found.append(sub)
        found += _states_of_ours(sub)
    return found


def me_view(me: Me) -> MeView:
    """The wire's answer as the shell shows it."""
    views = [
        OrganizationView(o.slug, o.name, initials(o.name), o.id == me.organization.id)
        for o in me.organizations
    ]
    here = me.organization
    return MeView(
        user_id=me.user.id,
        name=me.user.name,
        email=me.user.email,
        initials=me.user.initials,
        role=me.role_name,
        organization=OrganizationView(here.slug, here.name, initials(here.name), current=True),
        organizations=views,
        is_demo=here.is_demo,
        suspended=here.status == SUSPENDED,
    )


def login_path(place: str) -> str:
    """Where to sign in, coming back to ``place``, its query included."""
    return f"/login?next={quote(place)}"


def initials(name: str) -> str:
    """The first letters of the first two words."""
    return "".join(word[0] for word in name.split() if word[0].isalpha())[:2].upper()
