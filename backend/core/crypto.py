"""Keys derived from the master keys, and sealing of secrets: AES-256-GCM with a data key for each of them.

A sealed secret is ``m2~`` + wrapped data key + nonce + body: what is in front names the master key whose derived key
wraps the data key, so that another master takes over by wrapping the data key anew; the body stays. What the first
versions sealed begins with ``m1.`` and has no data key; it opens as well.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.core.masters import KEY_BYTES, Master, MasterFile

_NONCE, _TAG = 12, 16
_WRAPPED = _NONCE + KEY_BYTES + _TAG
_SEALED = re.compile(rb"(m[1-9][0-9]{0,5})([.~])", re.DOTALL)
_ENVELOPE, _DIRECT = b"~", b"."


class UnknownKeyError(LookupError):
    """A key id that no master key of this process has made."""


class Keys:
    """The master keys; the first seals, all of them open. Keys derive from them with HKDF-SHA256 (RFC 5869).

    Whoever needs the id of a key and the key reads the id once: another master may be the first a moment later.
    """

    def __init__(self, *masters: Master) -> None:
        self._masters = masters

    def __repr__(self) -> str:
        return f"Keys({', '.join(one.key_id for one in self.masters())})"

    def masters(self) -> Sequence[Master]:
        """All of them, the one in use first."""
        return self._masters

    @property
    def current(self) -> Master:
        """The one in use."""
        return self.masters()[0]

    @property
    def key_id(self) -> str:
        """The id of the one in use."""
        return self.current.key_id

    def derive(self, purpose: str, key_id: str | None = None) -> bytes:
        """32 bytes for one purpose, always the same, from the master in use or the named one.

        Raises :class:`UnknownKeyError`.
        """
        master = self.current if key_id is None else self._named(key_id)
        return _derive(master.secret, purpose)

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """Encrypt for ``purpose``, which must name the owner: the same words are needed to open."""
        data_key = os.urandom(KEY_BYTES)
        return self._wrap(purpose, data_key) + _encrypt(data_key, purpose, secret)

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """Decrypt what :meth:`seal` made.

        Raises ``InvalidTag`` for another purpose or a changed byte, :class:`UnknownKeyError` for another master.
        """
        key_id, is_direct, rest = _parts(sealed)
        if is_direct:
            return _decrypt(self.derive(purpose, key_id), purpose, rest)
        data_key = self._unwrap(purpose, key_id, rest[:_WRAPPED])
        return _decrypt(data_key, purpose, rest[_WRAPPED:])

    def rewrap(self, purpose: str, sealed: bytes) -> bytes:
        """The same secret under the master in use: another wrapping, the same body. Raises as :meth:`open`."""
        key_id, is_direct, rest = _parts(sealed)
        if is_direct:
            return self.seal(purpose, self.open(purpose, sealed))
        return self._wrap(purpose, self._unwrap(purpose, key_id, rest[:_WRAPPED])) + rest[_WRAPPED:]

    def _wrap(self, purpose: str, data_key: bytes) -> bytes:
        master = self.current
        wrapped = _encrypt(_derive(master.secret, _wrapping(purpose)), purpose, data_key)
        return envelope_mark(master.key_id) + wrapped

    def _unwrap(self, purpose: str, key_id: str, wrapped: bytes) -> bytes:
        return _decrypt(self.derive(_wrapping(purpose), key_id), purpose, wrapped)

    def _named(self, key_id: str) -> Master:
        masters = self.masters()
        for one in masters:
            if one.key_id == key_id:
                return one
        known = ", ".join(one.key_id for one in masters)
        raise UnknownKeyError(f"there is no master key {key_id!r} here; there are: {known}")


class FileKeys(Keys):
    """The master keys of a file, as it is at this moment: a rotation needs no restart."""

    def __init__(self, file: MasterFile) -> None:
        self._file = file

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def masters(self) -> Sequence[Master]:
        """All of them, the one in use first."""
        return self._file.masters()


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """The keys of the audit, one for each organization and key id. A higher ``generation`` is another key.

    A key id says what the key was made of (``m1.2``: master key ``m1``, second generation), so that
    the audit's keys are rotated apart from everything else, and old entries stay provable.
    """

    keys: Keys
    generation: int = 1

    @property
    def current(self) -> str:
        """The id of the key in use."""
        return f"{self.keys.key_id}.{self.generation}"

    def not_before(self, key_id: str) -> str:
        """The newer of ``key_id`` and the key in use: what was rotated out does not come back."""
        current = self.current
        try:
            is_newer = self.generation_of(key_id) > self.generation_of(current)
        except UnknownKeyError:
            return current
        return key_id if is_newer else current

    def generation_of(self, key_id: str) -> tuple[int, int]:
        """Master and generation that a key id names, the higher the newer. Raises :class:`UnknownKeyError`."""
        master, _, generation = key_id.rpartition(".")
        for one in self.keys.masters():
            if one.key_id == master and generation.isascii() and generation.isdigit():
                return one.number, int(generation)
        raise UnknownKeyError(f"the key {key_id!r} does not come from this master key")

    def key(self, org_id: str, key_id: str, *, purpose: str = "audit") -> bytes:
        """The key of one organization. Raises :class:`UnknownKeyError`."""
        self.generation_of(key_id)
        return self.keys.derive(f"{purpose}/{key_id}/{org_id}", key_id.rpartition(".")[0])


def envelope_mark(key_id: str) -> bytes:
    """What every secret begins with whose data key this master wraps."""
    return key_id.encode() + _ENVELOPE


def direct_mark(key_id: str) -> bytes:
    """What every secret begins with that this master sealed without a data key."""
    return key_id.encode() + _DIRECT


def _parts(sealed: bytes) -> tuple[str, bool, bytes]:
    found = _SEALED.match(sealed)
    if found is None:
        raise InvalidTag
    return found[1].decode(), found[2] == _DIRECT, sealed[found.end() :]


def _wrapping(purpose: str) -> str:
    return f"data key/{purpose}"


def _encrypt(key: bytes, purpose: str, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode())


def _decrypt(key: bytes, purpose: str, sealed: bytes) -> bytes:
    if len(sealed) < _NONCE + _TAG:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())


@lru_cache(maxsize=4096)
def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(master)


def hash_token(token: str) -> bytes:
    """SHA-256 of a random token: enough for 256-bit secrets, which cannot be guessed from the hash."""
    return hashlib.sha256(token.encode()).digest()


def same(a: bytes, b: bytes) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(a, b)
