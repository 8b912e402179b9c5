"""Merkle trees of RFC 6962 over SHA-256: a root that grows leaf by leaf, and proofs of inclusion and consistency."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

_SIZE = 32
EMPTY = hashlib.sha256().digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What a tree must remember to grow: the roots of its full subtrees, the largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __add__(self, leaf: bytes) -> "Frontier":
        """The tree with one leaf more."""
        grown, peaks, size = leaf_hash(leaf), list(self.peaks), self.size
        while size & 1:
            grown, size = _node(peaks.pop(), grown), size >> 1
        return Frontier(self.size + 1, (*peaks, grown))

    @property
    def root(self) -> bytes:
        """The tree's hash (MTH of RFC 6962, section 2.1)."""
        if not self.peaks:
            return EMPTY
        *larger, found = self.peaks
        for peak in reversed(larger):
            found = _node(peak, found)
        return found

    @property
    def is_plausible(self) -> bool:
        """Whether there are as many peaks as a tree of this size has, and each is a hash."""
        fits = len(self.peaks) == self.size.bit_count()
        return fits and all(len(peak) == _SIZE for peak in self.peaks)

    def packed(self) -> bytes:
        """The peaks in a row; with the size they are the frontier again."""
        return b"".join(self.peaks)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """What :meth:`packed` was made of."""
        return cls(size, tuple(packed[at : at + _SIZE] for at in range(0, len(packed), _SIZE)))


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + leaf).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The hash of the tree over these leaf hashes."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    at = _split(len(hashes))
    return _node(root(hashes[:at]), root(hashes[at:]))


def inclusion(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf, from the bottom up (PATH of section 2.1.1)."""
    if len(hashes) <= 1:
        return []
    at = _split(len(hashes))
    if index < at:
        return [*inclusion(hashes[:at], index), root(hashes[at:])]
    return [*inclusion(hashes[at:], index - at), root(hashes[:at])]


def consistency(hashes: Sequence[bytes], first: int) -> list[bytes]:
    """What shows that the tree of the ``first`` leaves is the beginning of this one (PROOF of section 2.1.2)."""
    return _subproof(hashes, first, known=True)


def _subproof(hashes: Sequence[bytes], first: int, *, known: bool) -> list[bytes]:
    if first == len(hashes):
        return [] if known else [root(hashes)]
    at = _split(len(hashes))
    if first <= at:
        return [*_subproof(hashes[:at], first, known=known), root(hashes[at:])]
    return [*_subproof(hashes[at:], first - at, known=False), root(hashes[:at])]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
