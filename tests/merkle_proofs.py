"""How somebody elsewhere checks a proof of consistency between two Merkle roots."""

import hashlib
from collections.abc import Sequence


def is_consistent(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2, step by step."""
    if first & (first - 1) == 0:
        path = [old, *path]
    left, right = first - 1, second - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    older = newer = path[0]
    for node in path[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            older, newer = _pair(node, older), _pair(node, newer)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            newer = _pair(newer, node)
        left, right = left >> 1, right >> 1
    return (older, newer, right) == (old, new, 0)


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
