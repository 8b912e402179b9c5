"""Reads what narrows a list from query parameters. What cannot be read is refused with its field's name."""

from collections.abc import Callable, Container, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from backend.core.errors import InvalidInputError
from backend.core.keyset import Choice, Span

T = TypeVar("T")


def choice(name: str, values: Iterable[str], read: Callable[[str], T]) -> Choice[T]:
    """Any of the values and none of those with ``-`` before them. ``read`` raises ValueError for what is none."""
    wanted, unwanted = list[T](), list[T]()
    for value in values:
        try:
            found = read(value.removeprefix("-"))
        except ValueError as error:
            raise InvalidInputError(f"{name} cannot be {value!r}", field=name) from error
        (unwanted if value.startswith("-") else wanted).append(found)
    return Choice(tuple(wanted), tuple(unwanted))


def one_of(known: Container[str]) -> Callable[[str], str]:
    """Reads a text that is one of those ``known``."""

    def read(value: str) -> str:
        if value not in known:
            raise ValueError(value)
        return value

    return read


def span(name: str, start: Any, end: Any) -> Span[Any]:  # noqa: ANN401 - numbers
    """From ``min{name}`` to ``max{name}``."""
    most = 2**63 - 1
    for edge, value in (("min", start), ("max", end)):
        if value is not None and abs(value) > most:
            raise InvalidInputError(f"{edge}{name} is too large", field=f"{edge}{name}")
    return _ordered(f"max{name}", start, end)


def period(name: str, start: datetime | None, end: datetime | None) -> Span[datetime]:
    """From ``{name}From`` to ``{name}To``."""
    for edge, at in (("From", start), ("To", end)):
        if at is not None and at.tzinfo is None:
            message = f"{name}{edge} needs a zone, as in 2026-11-29T09:00:00Z"
            raise InvalidInputError(message, field=f"{name}{edge}")
    return _ordered(f"{name}To", start, end)


def moment(name: str, value: str | None) -> datetime | None:
    """A moment of ISO 8601."""
    if value is None:
        return None
    try:
        return msgspec.convert(value.replace(" ", "+"), datetime)  # an unescaped "+" of a zone
    except msgspec.ValidationError as error:
        message = f"{name} is no moment as in 2026-11-29T09:00:00Z"
        raise InvalidInputError(message, field=name) from error


def _ordered(last: str, start: Any, end: Any) -> Span[Any]:  # noqa: ANN401
    if start is not None and end is not None and end < start:
        raise InvalidInputError(f"{last} lies before where it starts", field=last)
    return Span(start, end)
