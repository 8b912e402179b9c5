"""Opaque cursors of lists: signed and bound to the organization and the sort order they were made for."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.core.crypto import Keys, same
from backend.core.errors import AppError
from backend.core.ids import OrgId

_SEAL = 16
_Position = tuple[datetime | int, UUID]


class BadCursorError(AppError):
    """The cursor is not one of ours, or belongs to another organization or order."""

    code = "bad_cursor"
    status = 400


def encode(keys: Keys, org_id: OrgId, sort: str, position: tuple[Any, UUID]) -> str:
    """The cursor behind ``position``."""
    value, row_id = position
    body = msgspec.msgpack.encode((value, row_id))
    return base64.urlsafe_b64encode(_seal(keys, org_id, sort, body) + body).rstrip(b"=").decode()


def decode(keys: Keys, org_id: OrgId, sort: str, cursor: str) -> tuple[Any, UUID]:
    """The position behind a cursor. Raises :class:`BadCursorError`."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if same(seal, _seal(keys, org_id, sort, body)):
            value, row_id = msgspec.msgpack.decode(body, type=_Position)
            return value, row_id
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise BadCursorError("this cursor is not one of ours; start again without it") from error
    raise BadCursorError("this cursor belongs to another list; start again without it")


def _seal(keys: Keys, org_id: OrgId, sort: str, body: bytes) -> bytes:
    message = org_id.bytes + sort.encode() + b"\0" + body
    return hmac.digest(keys.derive("cursors"), message, hashlib.sha256)[:_SEAL]
