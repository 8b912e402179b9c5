"""Wire types of log-in, tokens and the current principal."""

from backend.schemas.common import Wire


class TokenRequest(Wire, frozen=True):
    """Password log-in of a program; ``organization`` (slug) is needed when the person is in several.

    ``totp`` is a code of the authenticator app, or a recovery code, of those who have one.
    """

    email: str
    password: str
    organization: str | None = None
    totp: str | None = None


class LoginForm(Wire, frozen=True):
    """Log-in of a browser; ``next`` is the path to go to."""

    email: str
    password: str
    totp: str | None = None
    organization: str | None = None
    next: str | None = None


class SwitchForm(Wire, frozen=True):
    """Change of organization (slug) of a browser; ``next`` is the path to go to."""

    organization: str
    next: str | None = None


class RefreshRequest(Wire, frozen=True):
    """Exchange of a refresh token; the old one is spent by it. ``organization`` (slug): go on in that one."""

    refresh_token: str
    organization: str | None = None


class TokenPair(Wire, frozen=True):
    """``expires_in`` is the access token's life in seconds; ``token_type`` is always ``Bearer``."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


class OrganizationRef(Wire, frozen=True):
    """An organization the person belongs to; in a ``suspended`` one nothing else than this answers."""

    id: str
    slug: str
    name: str
    is_demo: bool
    status: str


class UserRef(Wire, frozen=True):
    """The person behind the request."""

    id: str
    email: str
    name: str
    initials: str


class Me(Wire, frozen=True):
    """Who is asking, for which organization, with which rights (``resource:action:scope``).

    ``roles`` are ids as in ``GET /roles``, ``role_name`` is what people call it. ``permissions`` that come from the
    role of a team hold in that team alone.
    """

    user: UserRef
    organization: OrganizationRef
    organizations: list[OrganizationRef]
    roles: list[str]
    role_name: str
    permissions: list[str]
