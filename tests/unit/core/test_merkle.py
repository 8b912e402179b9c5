"""Our trees against RFC 6962 as PyPI's pymerkle has it."""

import hashlib

from pymerkle import InmemoryTree, verify_inclusion
from pymerkle.proof import InclusionProof

from backend.core import merkle
from tests.merkle_proofs import is_consistent

LEAVES = [hashlib.sha256(bytes([at])).digest() for at in range(70)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def theirs(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES[:size]:
        tree.append_entry(leaf)
    return tree


def test_roots_of_every_size_are_those_of_pymerkle_however_they_are_made() -> None:
    frontier = merkle.Frontier()
    for size, leaf in enumerate(LEAVES, 1):
        frontier += leaf
        assert frontier.root == merkle.root(HASHES[:size]) == theirs(size).get_root()
        frontier = merkle.Frontier.unpacked(frontier.size, frontier.packed())
    assert merkle.Frontier().root == merkle.root([]) == theirs(0).get_root()


def test_inclusion_proofs_are_those_of_pymerkle_and_accepted_by_it() -> None:
    for size in (1, 2, 3, 7, 8, 13, 64, 70):
        tree = theirs(size)
        for index in range(size):
            own = tree.prove_inclusion(index + 1)
            path = [HASHES[index], *merkle.inclusion(HASHES[:size], index)]
            assert path == own.path
            proof = InclusionProof("sha256", True, size, index + 1, own.rule, path)  # noqa: FBT003
            verify_inclusion(HASHES[index], tree.get_root(), proof, index + 1, size)


def test_consistency_proofs_lead_to_both_roots_of_pymerkle_and_to_no_other() -> None:
    whole = theirs(len(LEAVES))
    for size in (2, 3, 7, 8, 13, 64, 70):
        for first in range(1, size):
            path = merkle.consistency(HASHES[:size], first)
            old, new = whole.get_root(first), whole.get_root(size)
            assert is_consistent(first, size, old, new, path)
            assert not is_consistent(first, size, whole.get_root(size - first), new[::-1], path)
            assert not is_consistent(first, size, old[::-1], new, path)
