"""The organization, invitations to it and its kept mail on the wire."""

from datetime import datetime
from uuid import UUID

from backend.schemas.common import Permission, Wire


class Organization(Wire, frozen=True):
    """The organization of the session. ``residency`` says where its data lie, if who runs the installation said so."""

    slug: str
    name: str
    status: str
    residency: str | None
    tier: str
    created_at: datetime
    can_rename: Permission


class OrganizationUpdate(Wire, frozen=True):
    """Body of ``PATCH /organization``: its name is all that members change."""

    name: str


class Invitation(Wire, frozen=True):
    """An open invitation. One that has ``lapsed``, by age or with who sent it, can be sent again. ``by``: a member."""

    id: str
    email: str
    role: str
    teams: list[str]
    by: str | None
    created_at: datetime
    expires_at: datetime
    lapsed: bool


class InvitationList(Wire, frozen=True):
    """Open invitations by address; ``can_invite``: sending, renewing and taking them back."""

    items: list[Invitation]
    next_cursor: str | None
    can_invite: Permission


class InvitationWish(Wire, frozen=True):
    """Whom to invite, in the role with this id; the first of ``teams`` becomes their primary one."""

    email: str
    role: str
    teams: tuple[UUID, ...] = ()


class InvitationOffer(Wire, frozen=True):
    """What a link offers, and to whom; ``role`` is its name.

    ``hasAccount``: accepting needs the password of the account with this address. ``signedIn``: who asks is that
    person already.
    """

    organization: str
    email: str
    role: str
    expires_at: datetime
    has_account: bool
    signed_in: bool


class InvitationForm(Wire, frozen=True):
    """Acceptance. Signed in as the invited address ``token`` is enough; else ``password`` proves the account.

    Where there is none yet, ``name`` and ``password`` make it. ``totp`` is for those who have a second factor.
    """

    token: str
    name: str | None = None
    password: str | None = None
    totp: str | None = None


class KeptMail(Wire, frozen=True):
    """A mail that waits, as it would have been sent."""

    to: str
    subject: str
    text: str
    at: datetime


class Outbox(Wire, frozen=True):
    """The newest first."""

    items: list[KeptMail]
