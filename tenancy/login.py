"""The one way in by password: who may try how often, the password, and the second factor of those who have one.

Guessing is stopped for an account as a whole and for each address, and nobody can lock another person out with it:
where the person has been signed in before, only tries from there count, and a reset by mail makes a new place known.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from limits import RateLimitItemPerHour
from sqlalchemy import exists, or_, select

from backend.core.clock import now
from backend.core.crypto import Keys
from backend.core.db import Database
from backend.core.errors import UnauthenticatedError
from backend.core.ids import UserId
from tenancy import totp
from tenancy.accounts import Doing, audit_account
from tenancy.audit import AuditAction
from tenancy.limiter import RateLimiter
from tenancy.models.access import PasswordReset
from tenancy.models.organization import RefreshToken, UserAccount, WebSession
from tenancy.organizations import OrganizationInfo, organizations_of
from tenancy.passwords import normal_email, verify_login
from tenancy.ratelimit import LOGIN_ACCOUNT, Rule
from tenancy.session import system

ELSEWHERE = Rule("login-account-elsewhere", RateLimitItemPerHour(60), exact=True)
"""All tries on one account from addresses where its owner was never signed in."""

_KNOWN_FOR = timedelta(days=90)


class LoginRefusedError(UnauthenticatedError):
    """A try that failed. ``user_id`` is whom it was aimed at, if anybody; it is for the audit and never told."""

    def __init__(self, message: str, user_id: UserId | None = None) -> None:
        super().__init__(message)
        self.user_id = user_id


class LoginFailedError(LoginRefusedError):
    """E-mail or password are wrong; which of them is not said."""

    code = "login_failed"


class WrongTotpError(LoginRefusedError):
    """The password is right, the code of the second factor is not, or was used before."""

    code = "totp_wrong"


class TotpRequiredError(UnauthenticatedError):
    """The password is right; this person also needs a code of their authenticator app."""

    code = "totp_required"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody tries to log in with, and from where."""

    email: str
    password: str = field(repr=False)
    code: str | None = field(repr=False)
    doing: Doing


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who it is, and the organizations that they can choose from: at least one."""

    user_id: UserId
    belonging: list[OrganizationInfo]


async def log_in(
    database: Database, keys: Keys, limiter: RateLimiter, attempt: Attempt
) -> LoggedIn:
    """Who logs in. Raises as :func:`prove`, and for who belongs nowhere."""
    user_id = await prove(database, keys, limiter, attempt)
    belonging = await organizations_of(database, user_id)
    if not belonging:
        raise LoginFailedError("e-mail or password are wrong", user_id)
    return LoggedIn(user_id, belonging)


async def prove(database: Database, keys: Keys, limiter: RateLimiter, attempt: Attempt) -> UserId:
    """Whose address, password and code these are.

    Raises :class:`LoginRefusedError`, :class:`TotpRequiredError` or ``TooManyRequestsError``.
    """
    account, address = normal_email(attempt.email), attempt.doing.address or ""
    await limiter.require(LOGIN_ACCOUNT, address, account)
    target = await _target(database, account, address)
    if not target.knows_address:
        await limiter.require(ELSEWHERE, account)
    user_id = await verify_login(database, account, attempt.password)
    if user_id is None:
        raise LoginFailedError("e-mail or password are wrong", target.user_id)
    if await _has_second_factor(database, user_id):
        if not attempt.code:
            raise TotpRequiredError("send a code of your authenticator app, or a recovery code")
        place = address if target.knows_address else "elsewhere"
        await limiter.require(totp.CODES, str(user_id), place)
        async with system(database) as session:
            good = await totp.accept(session, keys, user_id, attempt.code, attempt.doing)
        if not good:
            raise WrongTotpError("this code is wrong or was used before", user_id)
    return user_id


async def audit_refusal(database: Database, error: LoginRefusedError, doing: Doing) -> None:
    """Keep a refused try with the organizations of whom it was aimed at; after the reply, which it must not slow."""
    if error.user_id is None:
        return
    async with system(database) as session:
        act = AuditAction.USER_LOGIN_REFUSED
        await audit_account(session, error.user_id, doing, act, reason=error.code)


async def _has_second_factor(database: Database, user_id: UserId) -> bool:
    async with system(database) as session:
        return await totp.is_enabled(session, user_id)


@dataclass(frozen=True, slots=True)
class _Target:
    user_id: UserId | None
    knows_address: bool


async def _target(database: Database, account: str, address: str) -> _Target:
    """Whom a try is aimed at, and whether they were signed in at this address; one query, whoever it is."""
    since = now() - _KNOWN_FOR
    been = or_(
        exists().where(
            WebSession.user_id == UserAccount.id,
            WebSession.address == address,
            WebSession.created_at > since,
        ),
        exists().where(
            RefreshToken.user_id == UserAccount.id,
            RefreshToken.address == address,
            RefreshToken.issued_at > since,
        ),
        exists().where(
            PasswordReset.user_id == UserAccount.id,
            PasswordReset.used_from == address,
            PasswordReset.ended_at > since,
        ),
    )
    query = select(UserAccount.id, been).where(UserAccount.email == account)
    async with system(database) as session:
        found = (await session.execute(query)).one_or_none()
    user_id, known = found or (None, False)
    return _Target(UserId(user_id) if user_id else None, knows_address=known)
