"""How a person comes to another password: knowing the present one, or by a link that went to their address."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from limits import RateLimitItemPerMinute
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import Keys, hash_token
from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import UserId, new_uuid
from backend.core.mail import Mail
from tenancy.accounts import Doing, audit_account
from tenancy.audit import AuditAction
from tenancy.limiter import RateLimiter
from tenancy.mail import post
from tenancy.models.access import PasswordReset
from tenancy.models.organization import UserAccount, UserPassword
from tenancy.passwords import hash_password, normal_email, verify_login
from tenancy.principals import Authenticated
from tenancy.ratelimit import Rule
from tenancy.session import system
from tenancy.signed_in import end_everything

PROOF = Rule("password-proof", RateLimitItemPerMinute(5), exact=True)
"""Tries of one's present password, for each session: who holds a stolen one blocks no other."""

SHORTEST, LONGEST = 12, 200
LINK_LIFETIME = timedelta(minutes=30)
RESET_PAGE = "/reset"
_MOST_LINKS = 5
_SUBJECT = "Set a new password for Countersign"
_TEXT = """Somebody, probably you, asked for a new password for {email}.

Set it here within 30 minutes, once:

{link}

If it was not you, do nothing: your password stays as it is.
"""


class UnfitPasswordError(InvalidInputError):
    """The new password is too short, too long, or the old one."""

    code = "unfit_password"


class WrongPasswordError(InvalidInputError):
    """The present password is another one."""

    code = "wrong_password"


class ResetLinkError(InvalidInputError):
    """The link was used, has expired, or never was one."""

    code = "reset_link_invalid"


@dataclass(frozen=True, slots=True)
class Outlet:
    """What a mail with a link needs: keys to seal it, and the address that people reach us at."""

    keys: Keys
    public_url: str


async def require_password(
    database: Database, limiter: RateLimiter, who: Authenticated, password: str
) -> None:
    """Raise :class:`WrongPasswordError` unless this is the person's present password: five tries a minute."""
    principal, lease = who.principal, who.lease
    await limiter.require(PROOF, str(lease.session_id or lease.family_id))
    if await verify_login(database, principal.email, password) != principal.user_id:
        raise WrongPasswordError("this is not your present password", field="password")


def require_fit(password: str) -> None:
    """Raise :class:`UnfitPasswordError` for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UnfitPasswordError(f"a password has {SHORTEST} to {LONGEST} characters", field="new")


async def change_password(
    database: Database, who: Authenticated, doing: Doing, *, present: str, new: str
) -> None:
    """Take another password than ``present``, which was proved: every other session, token and link of theirs ends."""
    principal = who.principal
    require_fit(new)
    if new == present:
        raise UnfitPasswordError("choose another password than the present one", field="new")
    hashed = await hash_password(new)
    async with system(database) as session:
        await _set(session, principal.user_id, hashed)
        await end_everything(session, principal.user_id, but=who.lease)
        await audit_account(session, principal.user_id, doing, AuditAction.USER_PASSWORD_CHANGED)


async def request_reset(database: Database, outlet: Outlet, email: str, doing: Doing) -> None:
    """Send the person with this address a link, if there is one; at most five links are good at a time."""
    async with system(database) as session:
        address = normal_email(email)
        user_id = await session.scalar(select(UserAccount.id).where(UserAccount.email == address))
        if user_id is None or await _links(session, user_id) >= _MOST_LINKS:
            return
        token = secrets.token_urlsafe(32)
        values = {
            "id": new_uuid(),
            "token_hash": hash_token(token),
            "user_id": user_id,
            "expires_at": now() + LINK_LIFETIME,
        }
        await session.execute(insert(PasswordReset), [values])
        link = f"{outlet.public_url}{RESET_PAGE}?{urlencode({'token': token})}"
        text = _TEXT.format(email=address, link=link)
        await post(session, outlet.keys, Mail(address, _SUBJECT, text))
        await audit_account(session, user_id, doing, AuditAction.USER_PASSWORD_RESET_ASKED)


async def reset_password(database: Database, token: str, new: str, doing: Doing) -> None:
    """Set the password of whom the link was sent to. Every session, token and other link of theirs ends.

    A second factor stays: a mailbox alone does not open an account that has one.
    """
    require_fit(new)
    used = (
        update(PasswordReset)
        .where(PasswordReset.token_hash == hash_token(token), *_good())
        .values(ended_at=now(), used_from=doing.address)
        .returning(PasswordReset.user_id)
    )
    hashed = await hash_password(new)
    async with system(database) as session:
        user_id = await session.scalar(used)
        if user_id is None:
            raise ResetLinkError("this link was used or has expired; ask for another one")
        await _set(session, user_id, hashed)
        await end_everything(session, UserId(user_id))
        await audit_account(session, user_id, doing, AuditAction.USER_PASSWORD_RESET)


async def _set(session: AsyncSession, user_id: UUID, hashed: str) -> None:
    changed = update(UserPassword).where(UserPassword.user_id == user_id).values(hash=hashed)
    await session.execute(changed)
    links = update(PasswordReset).where(PasswordReset.user_id == user_id, *_good())
    await session.execute(links.values(ended_at=now()))


def _good() -> tuple[ColumnElement[bool], ...]:
    return PasswordReset.ended_at.is_(None), PasswordReset.expires_at > now()


async def _links(session: AsyncSession, user_id: UUID) -> int:
    query = select(func.count()).where(PasswordReset.user_id == user_id, *_good())
    return await session.scalar(query) or 0
