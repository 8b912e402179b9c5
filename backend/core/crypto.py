"""Keys derived from one master key, and sealing of secrets with AES-256-GCM under key ids."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """The master key and its id. Everything derives from it with HKDF-SHA256 (RFC 5869) and a purpose."""

    key_id: str
    master: bytes

    def __repr__(self) -> str:
        return f"Keys(key_id={self.key_id!r})"

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose; the same purpose gives the same bytes."""
        return _derive(self.master, purpose)

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """Encrypt for ``purpose``, which must name the owner: the same words are needed to open."""
        nonce = os.urandom(_NONCE)
        body = AESGCM(self.derive(purpose)).encrypt(nonce, secret, purpose.encode())
        return self.key_id.encode() + b"." + nonce + body

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """Decrypt what :meth:`seal` made; raises ``InvalidTag`` for another purpose or a changed byte."""
        _, _, rest = sealed.partition(b".")
        return AESGCM(self.derive(purpose)).decrypt(rest[:_NONCE], rest[_NONCE:], purpose.encode())


@lru_cache(maxsize=4096)
def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(master)


def hash_token(token: str) -> bytes:
    """SHA-256 of a random token: enough for 256-bit secrets, which cannot be guessed from the hash."""
    return hashlib.sha256(token.encode()).digest()


def same(a: bytes, b: bytes) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(a, b)
