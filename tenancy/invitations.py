"""Invitations: a link that goes to one address, is good once, and lets that person in. A GET of it decides nothing.

An invitation is worth what who sent it is worth when it is accepted: with them it ends.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from limits import RateLimitItemPerHour
from sqlalchemy import ColumnElement, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import hash_token
from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.core.ids import OrgId, new_uuid
from backend.core.keyset import Order, Position
from backend.core.mail import Mail
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.directory import require_reach, roles_of
from tenancy.mail import post
from tenancy.members import SEAT_COUNT
from tenancy.models.invitations import Invitation
from tenancy.models.organization import Membership, Organization, Team, UserAccount
from tenancy.new_passwords import Outlet
from tenancy.passwords import normal_email
from tenancy.quotas import require_room
from tenancy.ratelimit import Rule
from tenancy.roles import role_to_give
from tenancy.session import context_of
from tenancy.tiers import Quota

SENDING = Rule("invitations", RateLimitItemPerHour(200), exact=True)
"""Mails of one organization."""
RECEIVING = Rule("invitations-address", RateLimitItemPerHour(10), exact=True)
"""Mails to one address, whoever sends them."""

LIFETIME = timedelta(days=7)
INVITE_PAGE = "/invite"
_LONGEST_ADDRESS = 254
# The addresses that a browser's field takes, with a dot behind the @. No letters that look like others.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
_TEXT = """{by} you to {organization} at Countersign, as {role}.

Accept within seven days, once:

{link}

The link is good for {email} alone. If you did not expect it, do nothing.
"""


class InvitationNotFoundError(NotFoundError):
    """There is no such open invitation in the organization."""

    code = "invitation_not_found"


class InvitationOpenError(ConflictError):
    """This address is invited already."""

    code = "invitation_open"


class AlreadyMemberError(ConflictError):
    """Who has this address belongs to the organization."""

    code = "already_member"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite, in which role (its key) and teams; the first team is their primary one. Checks itself."""

    email: str
    role: str
    teams: tuple[UUID, ...] = ()

    def __post_init__(self) -> None:
        if len(self.email) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(self.email.strip()):
            told = "this is no e-mail address of plain letters, digits and signs"
            raise InvalidInputError(told, field="email")
        if len(set(self.teams)) != len(self.teams):
            raise InvalidInputError("name each team once", field="teams")

    @property
    def address(self) -> str:
        """The form in which accounts keep it."""
        return normal_email(self.email)


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation. One that has ``lapsed``, by age or with who sent it, can be sent anew.

    ``role`` is a key. ``by`` is who sent it, if that is a member.
    """

    id: UUID
    email: str
    role: str
    teams: tuple[UUID, ...]
    by: str | None
    created_at: datetime
    expires_at: datetime
    lapsed: bool


async def list_invitations(
    session: AsyncSession, *, after: Position | None, limit: int
) -> Sequence[Invited]:
    """Open invitations of the session's organization by address, those behind ``after``."""
    order = Order(Invitation.email.expression, Invitation.id.expression, descending=False)
    found = await session.execute(order.apply(_open(), after).limit(limit))
    return [_invited(row, by) for row, by in found]


async def invite(
    session: AsyncSession, outlet: Outlet, author: Principal | None, wanted: Wanted
) -> Invited:
    """Send somebody a link into the session's organization; without an author the operators invite.

    Raises ``BeyondOwnRightsError``, ``QuotaExceededError``, :class:`AlreadyMemberError`, :class:`InvitationOpenError`,
    and 422 for an unknown role or team.
    """
    role = await role_to_give(session, wanted.role)
    if author is not None:
        require_reach(author, role, *await roles_of(session, wanted.teams))
    await require_room(session, Quota.USERS, SEAT_COUNT)
    await _require_unknown(session, wanted.address)
    await _require_teams(session, wanted.teams)
    token, invitation_id = secrets.token_urlsafe(32), new_uuid()
    values = {
        "org_id": context_of(session).org_id,
        "id": invitation_id,
        "email": wanted.address,
        "role": role.key,
        "teams": list(wanted.teams),
        "token_hash": hash_token(token),
        "invited_by": author.user_id if author else None,
        "expires_at": now() + LIFETIME,
    }
    await session.execute(insert(Invitation), [values])
    sent = await _one(session, invitation_id)
    await _send(session, outlet, sent, role.name, token)
    _announce(session, AuditAction.INVITATION_SENT, sent)
    return sent


async def renew(
    session: AsyncSession, outlet: Outlet, principal: Principal, invitation_id: UUID
) -> Invited:
    """Send another link for an open invitation, in one's own name; the old link is dead. Raises as :func:`invite`."""
    row = await _locked(session, invitation_id)
    role = await role_to_give(session, row.role)
    require_reach(principal, role, *await roles_of(session, row.teams))
    if row.expires_at <= now():
        await require_room(session, Quota.USERS, SEAT_COUNT)
    token = secrets.token_urlsafe(32)
    row.token_hash, row.expires_at = hash_token(token), now() + LIFETIME
    row.invited_by = principal.user_id
    await session.flush()
    sent = await _one(session, invitation_id)
    await _send(session, outlet, sent, role.name, token)
    _announce(session, AuditAction.INVITATION_RENEWED, sent)
    return sent


async def revoke(session: AsyncSession, invitation_id: UUID) -> None:
    """Take an open invitation back: its link is dead. Raises :class:`InvitationNotFoundError`."""
    row = await _locked(session, invitation_id)
    gone = await _one(session, invitation_id)
    row.ended_at = now()
    _announce(session, AuditAction.INVITATION_REVOKED, gone)


async def address_of(session: AsyncSession, invitation_id: UUID) -> str:
    """Whom an open invitation is for. Raises :class:`InvitationNotFoundError`."""
    return (await _one(session, invitation_id)).email


async def _send(
    session: AsyncSession, outlet: Outlet, sent: Invited, role: str, token: str
) -> None:
    org_id = context_of(session).org_id
    organization = (await session.get_one(Organization, org_id)).name
    text = _TEXT.format(
        by=f"{sent.by} invites" if sent.by else "We invite",
        organization=organization,
        role=role,
        link=f"{outlet.public_url}{INVITE_PAGE}?{urlencode({'token': token})}",
        email=sent.email,
    )
    mail = Mail(sent.email, f"You are invited to {organization}", text)
    await post(session, outlet.keys, mail, org_id=OrgId(org_id))


async def _require_unknown(session: AsyncSession, address: str) -> None:
    """The organization's row is locked by now, so that nobody else invites the same address meanwhile."""
    belongs = (
        select(Membership.user_id)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .where(UserAccount.email == address)
    )
    if await session.scalar(belongs) is not None:
        raise AlreadyMemberError("who has this address belongs to the organization already")
    if (await session.execute(_open(Invitation.email == address))).first() is not None:
        raise InvitationOpenError("this address is invited already; send the link again instead")


async def _require_teams(session: AsyncSession, teams: Sequence[UUID]) -> None:
    known = set(await session.scalars(select(Team.id).where(Team.id.in_(teams))))
    if known != set(teams):
        raise InvalidInputError("one of these teams does not exist", field="teams")


async def _locked(session: AsyncSession, invitation_id: UUID) -> Invitation:
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.ended_at.is_(None))
    row = await session.scalar(query.with_for_update())
    if row is None:
        raise InvitationNotFoundError("there is no such open invitation")
    return row


async def _one(session: AsyncSession, invitation_id: UUID) -> Invited:
    found = (await session.execute(_open(Invitation.id == invitation_id))).one_or_none()
    if found is None:
        raise InvitationNotFoundError("there is no such open invitation")
    return _invited(*found)


def _open(*conditions: ColumnElement[bool]) -> Select[Invitation, str | None]:
    return (
        select(Invitation, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == Invitation.invited_by)
        .where(Invitation.ended_at.is_(None), *conditions)
    )


def _invited(row: Invitation, by: str | None) -> Invited:
    orphaned = row.invited_by is not None and by is None
    return Invited(
        id=row.id,
        email=row.email,
        role=row.role,
        teams=tuple(row.teams),
        by=by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        lapsed=orphaned or row.expires_at <= now(),
    )


def _announce(session: AsyncSession, act: AuditAction, one: Invited) -> None:
    details = {"email": one.email, "role": one.role, "teams": [str(team) for team in one.teams]}
    record(session, Change(one.id, audit=act, details=details))
