"""Wire types of log-in, tokens and the current principal."""

from backend.schemas.common import Wire


class TokenRequest(Wire, frozen=True):
    """Password log-in of a program; ``organization`` (slug) is needed when the person is in several."""

    email: str
    password: str
    organization: str | None = None


class RefreshRequest(Wire, frozen=True):
    """Exchange of a refresh token; the old one is spent by it."""

    refresh_token: str


class TokenPair(Wire, frozen=True):
    """``expires_in`` is the access token's life in seconds; ``token_type`` is always ``Bearer``."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


class OrganizationRef(Wire, frozen=True):
    """An organization the person belongs to."""

    id: str
    slug: str
    name: str
    is_demo: bool


class UserRef(Wire, frozen=True):
    """The person behind the request."""

    id: str
    email: str
    name: str
    initials: str


class Me(Wire, frozen=True):
    """Who is asking, for which organization, with which rights (``resource:action:scope``)."""

    user: UserRef
    organization: OrganizationRef
    organizations: list[OrganizationRef]
    roles: list[str]
    permissions: list[str]
