"""Whether the signatures on a proposal are enough: their number, or as many teams where no two may share one."""

from collections.abc import Collection, Sequence
from uuid import UUID

Teams = Collection[UUID]


def counted(signers: Sequence[Teams], *, different_teams: bool) -> int:
    """How many of the signatures count. ``signers`` gives the teams of each signer, in the order of signing.

    With ``different_teams`` it is the largest number of signers who can each stand for a team of their own: a maximum
    matching of signers to teams by augmenting paths.
    """
    if not different_teams:
        return len(signers)
    stands_for: dict[UUID, int] = {}
    return sum(_place(signer, signers, stands_for, set()) for signer in range(len(signers)))


def _place(
    signer: int, signers: Sequence[Teams], stands_for: dict[UUID, int], tried: set[UUID]
) -> bool:
    for team in signers[signer]:
        if team in tried:
            continue
        tried.add(team)
        if team not in stands_for or _place(stands_for[team], signers, stands_for, tried):
            stands_for[team] = signer
            return True
    return False
