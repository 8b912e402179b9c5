"""Reads request bodies strictly: a mistake is named with its field, nothing is coerced."""

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from backend.core.errors import AppError, InvalidInputError

T = TypeVar("T")
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_UNKNOWN = re.compile(r"unknown field `(.+?)`")
_MISSING = re.compile(r"missing required field `(.+?)`")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # one pass, also where none ends
_TO_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_DEEPEST = 32
_TOO_DEEP = f"the body is nested more than {_DEEPEST} levels deep"
_SUSPECT = re.compile(rb"\\u0000|\d{19}")
_LONGEST = 2**63
_PLACE = re.compile(r" - at `\$\.?(.*?)`$")


class MalformedBodyError(AppError):
    """The body is no JSON."""

    code = "malformed_body"
    status = 400


class UnsupportedMediaTypeError(AppError):
    """The body is declared as something else than what is ``taken``."""

    code = "unsupported_media_type"
    status = 415

    def __init__(self, sent: str, taken: str) -> None:
        super().__init__(f"the body is {sent!r}; send it as 'Content-Type: {taken}'")
        self.taken = taken


class InvalidBodyError(InvalidInputError):
    """The body is JSON of another shape; ``errors`` names the field."""

    code = "invalid_body"


def require_json(media_type: str) -> None:
    """Refuse a body that says it is something else; one that says nothing is read as JSON."""
    if media_type not in ("", _JSON) and not media_type.endswith("+json"):
        raise UnsupportedMediaTypeError(media_type, _JSON)


def require_form(media_type: str) -> None:
    """The same for a form."""
    if media_type not in ("", _FORM, "multipart/form-data"):
        raise UnsupportedMediaTypeError(media_type, _FORM)


def decode_body(body: bytes, wanted: type[T]) -> T:
    """The body as the wanted type. Raises :class:`MalformedBodyError` or :class:`InvalidBodyError`."""
    _require_flat(body)
    try:
        decoded = msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        _require_json(body)
        raise _invalid(*_explain(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error
    except RecursionError as error:
        raise MalformedBodyError(_TOO_DEEP) from error
    if _SUSPECT.search(body):
        for place, message in _unfit(msgspec.json.decode(body), ""):
            raise _invalid(place, message)
    return decoded


def _require_flat(body: bytes) -> None:
    """Nothing of ours is nested so deeply; what is would exhaust the stack somewhere behind us.

    Each round takes the innermost brackets away, at the speed of C. What is not balanced is left to the decoder.
    """
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return
    left = _STRING.sub(b"", body).translate(_TO_SQUARE, _NO_BRACKETS)
    for _ in range(_DEEPEST):
        left = left.replace(b"[]", b"")
    if b"[]" in left:
        raise MalformedBodyError(_TOO_DEEP)


def _unfit(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Where the body holds what the database cannot keep, and why."""
    match value:
        case str() if "\0" in value:
            yield place, "must not hold a NUL character"
        case int() if not -_LONGEST <= value < _LONGEST:
            yield place, "must be a number of 64 bits"
        case dict():
            for name, inner in value.items():
                yield from _unfit(name, place)
                yield from _unfit(inner, f"{place}.{name}" if place else name)
        case list():
            for index, inner in enumerate(value):
                yield from _unfit(inner, f"{place}[{index}]")


def _invalid(field: str, message: str) -> InvalidBodyError:
    return InvalidBodyError(
        f"{field}: {message}" if field else message,
        errors=[{"field": field, "message": message}],
    )


def _require_json(body: bytes) -> None:
    """A wrong type before the place where the JSON breaks off would hide that it does."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(error) from error
    except RecursionError as error:
        raise MalformedBodyError(_TOO_DEEP) from error


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
