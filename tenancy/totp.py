"""The second factor: codes of an authenticator app (TOTP, RFC 6238), each good once, and codes for when it is lost."""

import base64
import secrets
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
from limits import RateLimitItemPerHour
from pyotp import OTPVerificationError
from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import now
from backend.core.crypto import Keys, hash_token
from backend.core.errors import ConflictError, InvalidInputError
from tenancy.accounts import Doing, audit_account
from tenancy.audit import AuditAction
from tenancy.context import Principal
from tenancy.models.access import TOTP_PURPOSE, RecoveryCode, UserTotp
from tenancy.ratelimit import Rule

CODES = Rule("login-code", RateLimitItemPerHour(20), exact=True)
"""Tries of a code: only who has the password comes so far."""

ISSUER = "Countersign"
RECOVERY_CODES = 10
_WINDOW = 1  # steps of 30 s before and after the present one, for clocks that go wrong


class TotpConfirmedError(ConflictError):
    """The person has an authenticator app already."""

    code = "totp_enabled"


class TotpNotBegunError(ConflictError):
    """There is no secret that waits for its confirmation."""

    code = "totp_not_begun"


class TotpNotEnabledError(ConflictError):
    """The person has no authenticator app that the codes could stand in for."""

    code = "totp_not_enabled"


class WrongCodeError(InvalidInputError):
    """The code is not the one that the app shows, or was used before."""

    code = "wrong_code"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is told: the secret in base32, and the same as a link for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def is_enabled(session: AsyncSession, user_id: UUID) -> bool:
    """Whether log-in asks this person for a code."""
    confirmed = UserTotp.confirmed_at.is_not(None)
    return bool(await session.scalar(select(UserTotp.user_id).where(_of(user_id), confirmed)))


async def codes_left(session: AsyncSession, user_id: UUID) -> int:
    """How many recovery codes were not used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id)
    return await session.scalar(query) or 0


async def enrol(session: AsyncSession, keys: Keys, principal: Principal) -> Enrolment:
    """A new secret that waits for :func:`confirm`; log-in does not ask for it yet."""
    user_id, secret = principal.user_id, pyotp.random_base32()
    sealed = keys.seal(_purpose(user_id), secret.encode())
    fresh = {"sealed": sealed, "created_at": now(), "last_step": None}
    statement = (
        upsert(UserTotp)
        .values(user_id=user_id, **fresh)
        .on_conflict_do_update(
            index_elements=["user_id"], set_=fresh, where=UserTotp.confirmed_at.is_(None)
        )
        .returning(UserTotp.user_id)
    )
    if await session.scalar(statement) is None:
        raise TotpConfirmedError("you have an authenticator app already; remove it first")
    uri = pyotp.TOTP(secret).provisioning_uri(name=principal.email, issuer_name=ISSUER)
    return Enrolment(secret, uri)


async def confirm(
    session: AsyncSession, keys: Keys, principal: Principal, code: str, doing: Doing
) -> None:
    """Have log-in ask for the app from now on. There are no recovery codes yet."""
    user_id = principal.user_id
    row = await session.scalar(select(UserTotp).where(_of(user_id)).with_for_update())
    if row is None or row.confirmed_at is not None:
        raise TotpNotBegunError("begin with a new secret, then confirm it with a code of the app")
    if not await _take_step(session, keys, row, code):
        raise WrongCodeError("this is not the code that the app shows now", field="code")
    await session.execute(update(UserTotp).where(_of(user_id)).values(confirmed_at=now()))
    await audit_account(session, user_id, doing, AuditAction.USER_TOTP_ENABLED)


async def make_codes(session: AsyncSession, user_id: UUID, doing: Doing) -> list[str]:
    """New recovery codes, which are shown here alone; those before are good for nothing any more."""
    if not await is_enabled(session, user_id):
        raise TotpNotEnabledError("set up an authenticator app first")
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    rows = [{"user_id": user_id, "hash": hash_token(_bare(one))} for one in codes]
    await session.execute(insert(RecoveryCode), rows)
    await audit_account(session, user_id, doing, AuditAction.USER_RECOVERY_CODES_MADE)
    return codes


async def disable(session: AsyncSession, user_id: UUID, doing: Doing) -> None:
    """Forget app and recovery codes: the password alone is enough again."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    confirmed = delete(UserTotp).where(_of(user_id)).returning(UserTotp.confirmed_at)
    if await session.scalar(confirmed) is not None:
        await audit_account(session, user_id, doing, AuditAction.USER_TOTP_DISABLED)


async def accept(session: AsyncSession, keys: Keys, user_id: UUID, code: str, doing: Doing) -> bool:
    """Whether this is a code of the app or a recovery code that was never used; it is used now."""
    row = await session.scalar(select(UserTotp).where(_of(user_id)))
    if row is None:
        return False
    if await _take_step(session, keys, row, code):
        return True
    spent = (
        delete(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.hash == hash_token(_bare(code)))
        .returning(RecoveryCode.user_id)
    )
    if await session.scalar(spent) is None:
        return False
    left = await codes_left(session, user_id)
    await audit_account(session, user_id, doing, AuditAction.USER_RECOVERY_CODE_USED, left=left)
    return True


async def _take_step(session: AsyncSession, keys: Keys, row: UserTotp, code: str) -> bool:
    """Use up the time step that the code belongs to; of two that bring the same code one wins."""
    app = pyotp.TOTP(keys.open(_purpose(row.user_id), row.sealed).decode())
    try:
        step = app.verify_and_get_timecode("".join(code.split()), valid_window=_WINDOW)
    except OTPVerificationError:
        return False
    newer = or_(UserTotp.last_step.is_(None), UserTotp.last_step < step)
    used = update(UserTotp).where(_of(row.user_id), newer).values(last_step=step)
    return await session.scalar(used.returning(UserTotp.user_id)) is not None


def _of(user_id: UUID) -> ColumnElement[bool]:
    return UserTotp.user_id == user_id


def _recovery_code() -> str:
    """80 bits in base32, in groups that are read aloud easily."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _bare(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _purpose(user_id: UUID) -> str:
    return TOTP_PURPOSE.format(user_id=user_id)
