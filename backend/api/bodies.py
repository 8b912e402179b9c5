"""Reads request bodies strictly: a mistake is named with its field, nothing is coerced."""

import re
from typing import TypeVar

import msgspec

from backend.core.errors import AppError, InvalidInputError

T = TypeVar("T")
_UNKNOWN = re.compile(r"unknown field `(.+?)`")
_MISSING = re.compile(r"missing required field `(.+?)`")
_PLACE = re.compile(r" - at `\$\.?(.*?)`$")


class MalformedBodyError(AppError):
    """The body is no JSON."""

    code = "malformed_body"
    status = 400


class InvalidBodyError(InvalidInputError):
    """The body is JSON of another shape; ``errors`` names the field."""

    code = "invalid_body"


def decode_body(body: bytes, wanted: type[T]) -> T:
    """The body as the wanted type. Raises :class:`MalformedBodyError` or :class:`InvalidBodyError`."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        _require_json(body)
        field, message = _explain(str(error))
        raise InvalidBodyError(
            f"{field}: {message}" if field else message,
            errors=[{"field": field, "message": message}],
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error


def _require_json(body: bytes) -> None:
    """A wrong type before the place where the JSON breaks off would hide that it does."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error


def _malformed(error: Exception) -> MalformedBodyError:
    return MalformedBodyError(f"the body is not valid JSON: {error}")


def _explain(text: str) -> tuple[str, str]:
    place = _PLACE.search(text)
    path = place.group(1) if place else ""
    message = _PLACE.sub("", text)
    for pattern, explanation in ((_UNKNOWN, "unknown field"), (_MISSING, "is required")):
        if named := pattern.search(message):
            return ".".join(filter(None, (path, named.group(1)))), explanation
    return path, message[:1].lower() + message[1:]
