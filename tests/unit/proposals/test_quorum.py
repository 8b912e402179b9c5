"""How many signatures count where no two may come from the same team."""

import itertools
from uuid import UUID, uuid4

import pytest

from backend.proposals.quorum import counted

A, B, C = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize(
    ("signers", "expected"),
    [
        ([], 0),
        ([{A}], 1),
        ([{A}, {A}], 1),
        ([{A}, {B}], 2),
        ([{A, B}, {A}], 2),
        ([{A}, {A, B}, {B}], 2),
        ([{A, B}, {B, C}, {A}], 3),
        ([set()], 0),
    ],
)
def test_counted_when_teams_overlap_then_as_many_as_can_stand_for_a_team_of_their_own(
    signers: list[set[UUID]], expected: int
) -> None:
    for order in itertools.permutations(signers):
        assert counted(order, different_teams=True) == expected
    assert counted(signers, different_teams=False) == len(signers)
