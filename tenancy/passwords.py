"""Password hashes (argon2id) and the one question asked of them. Hashing runs in a thread, never on the loop."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from backend.core.db import Database
from backend.core.errors import InvalidInputError
from backend.core.ids import UserId
from tenancy.models.organization import UserAccount, UserPassword
from tenancy.session import system

_HASHER = PasswordHasher()


async def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def verify_login(database: Database, email: str, password: str) -> UserId | None:
    """The person with this e-mail and password, or None. An unknown e-mail takes as long as a wrong password."""
    query = (
        select(UserAccount.id, UserPassword.hash)
        .join(UserPassword, UserPassword.user_id == UserAccount.id)
        .where(UserAccount.email == normal_email(email))
    )
    async with system(database) as session:
        found = (await session.execute(query)).one_or_none()
    user_id, hashed = found or (None, None)
    matches = await asyncio.to_thread(_matches, hashed, password)
    return UserId(user_id) if user_id is not None and matches else None


def normal_email(email: str) -> str:
    """The form in which an e-mail address is kept and looked up. Raises :class:`InvalidInputError` for none at all."""
    if "\0" in email:
        raise InvalidInputError("this is no e-mail address", field="email")
    return email.strip().casefold()


def _matches(hashed: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(hashed or _nobody(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
