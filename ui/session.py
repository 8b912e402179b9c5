"""Who is signed in: state of the shell, and the guard that keeps one person's state from the next."""

from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate

from backend.schemas.auth import Me
from ui.api_client import COOKIE, Api, ApiError


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
    roles: str = ""
    organization: OrganizationView = field(default_factory=OrganizationView)
    organizations: list[OrganizationView] = field(default_factory=list)
    is_demo: bool = False


class Session(rx.State):
    """The signed-in person. Every page loads it first."""

    me: MeView = MeView()
    leave: str = ""
    _seen: str | None = None

    @rx.var
    def who(self) -> str:
        """Names the pair of person and organization; empty until known."""
        return f"{self.me.user_id} {self.me.organization.slug}" if self.me.user_id else ""

    @rx.event(background=True)
    async def boot(self) -> None:
        """Load who is signed in; without a session, name the login page to leave for."""
        async with self:
            session, path = session_of(self), self.router.url.path or "/proposals"
            if self.me.user_id and self._seen == session:
                return
            self._seen = session
        try:
            me = await Api(session).me()
        except ApiError as error:
            async with self:
                self.leave = login_path(path) if error.signed_out else ""
            return
        async with self:
            self.me, self.leave = me_view(me), ""

    def changed_hands(self) -> bool:
        """Whether another session than the one that filled this tab's state is asking."""
        return self._seen is not None and self._seen != session_of(self)


async def explained(state: BaseState, error: ApiError) -> str:
    """What to show for ``error``; without a session the page leaves for the login page instead.

    Call it while holding the lock of ``state``.
    """
    if error.signed_out:
        session = await state.get_state(Session)
        session.leave = login_path(state.router.url.path)
    return error.detail


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
        roles=", ".join(role.replace("_", " ").capitalize() for role in me.roles),
        organization=OrganizationView(here.slug, here.name, initials(here.name), current=True),
        organizations=views,
        is_demo=here.is_demo,
    )


def login_path(path: str) -> str:
    """Where to sign in, coming back to ``path``."""
    return f"/login?next={quote(path)}"


def initials(name: str) -> str:
    """The first letters of the first two words."""
    return "".join(word[0] for word in name.split() if word[0].isalpha())[:2].upper()
