"""Money and people on the wire."""

import functools
from uuid import UUID

from backend.core import money
from backend.core.errors import AppError
from backend.schemas.common import Money, Permission, Person


def amount(value: money.Money) -> Money:
    """Minor units with the currency and its exponent."""
    return Money(minor=value.minor, currency=value.currency, exponent=value.exponent)


def optional_amount(value: money.Money | None) -> Money | None:
    """As :func:`amount`, where there may be none."""
    return None if value is None else amount(value)


def person(user_id: UUID, name: str) -> Person:
    """Somebody as others see them."""
    return Person(id=str(user_id), name=name, initials=initials(name))


def permission(refused: AppError | None) -> Permission:
    """That the asking person may do it, or why not."""
    return Permission(allowed=refused is None, reason=refused.message if refused else None)


@functools.lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """The first letters of the first and the last word: "Ada Byron King" is "AK"."""
    words = name.split()
    letters = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in letters).upper()
