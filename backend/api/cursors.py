"""Opaque cursors of lists: signed and bound to the organization and the sort order they were made for."""

import base64
import binascii
import hashlib
import hmac

import msgspec

from backend.core.crypto import Keys, same
from backend.core.errors import AppError
from backend.core.ids import OrgId
from backend.core.keyset import Position

_SEAL = 16


class BadCursorError(AppError):
    """The cursor is not one of ours, or belongs to another organization or order."""

    code = "bad_cursor"
    status = 400


def encode(keys: Keys, org_id: OrgId, sort: str, position: Position) -> str:
    """The cursor behind ``position``."""
    value, row_id = position
    body = msgspec.msgpack.encode((value, row_id))
    seal = _seals(keys, org_id, sort, body)[0]
    return base64.urlsafe_b64encode(seal + body).rstrip(b"=").decode()


def decode(keys: Keys, org_id: OrgId, sort: str, cursor: str) -> Position:
    """The position behind a cursor. Raises :class:`BadCursorError`."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if any(same(seal, own) for own in _seals(keys, org_id, sort, body)):
            value, row_id = msgspec.msgpack.decode(body, type=Position)
            return value, row_id
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise BadCursorError("this cursor is not one of ours; start again without it") from error
    raise BadCursorError("this cursor belongs to another list; start again without it")


def _seals(keys: Keys, org_id: OrgId, sort: str, body: bytes) -> list[bytes]:
    """By each master key, the one in use first: a list that somebody is reading outlives a rotation."""
    message = org_id.bytes + sort.encode() + b"\0" + body
    derived = [keys.derive("cursors", one.key_id) for one in keys.masters()]
    return [hmac.digest(key, message, hashlib.sha256)[:_SEAL] for key in derived]
