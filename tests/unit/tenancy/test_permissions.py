"""Rights, their texts and their reach: scopes imply narrower ones, a team's role ends at the team."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from backend.core.errors import PermissionDeniedError
from tenancy.permissions import (
    Grants,
    Reach,
    Right,
    Role,
    Scope,
    all_grants,
    authorize,
    beyond,
    expanded,
    grants_from,
    in_team,
    includes,
    narrowed,
    permission_names,
    united,
)
from tenancy.system_roles import SYSTEM_ROLES

ME, MINE, THEIRS = UUID(int=1), UUID(int=2), UUID(int=3)
READ = Right.RUNS_READ
ROWS = [(ME, MINE), (ME, THEIRS), (ME, None), (None, MINE), (None, THEIRS), (None, None)]


@dataclass(frozen=True)
class Holder:
    grants: Grants
    user_id: UUID = ME
    team_ids: frozenset[UUID] = field(default_factory=lambda: frozenset({MINE}))
    roles: tuple[Role, ...] = ()
    team_grants: Mapping[UUID, Grants] = field(default_factory=dict)


def covered(reach: Reach) -> set[tuple[UUID | None, UUID | None]]:
    return {row for row in ROWS if reach.covers(owner=row[0], team=row[1])}


@pytest.mark.parametrize(
    ("scope", "rows"),
    [(Scope.SELF, ROWS[:3]), (Scope.TEAM, ROWS[:4]), (Scope.ORG, ROWS), (Scope.ALL, ROWS)],
)
def test_reach_when_the_scope_widens_then_it_covers_more_rows(
    scope: Scope, rows: list[tuple[UUID | None, UUID | None]]
) -> None:
    assert covered(authorize(Holder({READ: scope}), READ)) == set(rows)


@pytest.mark.parametrize(
    ("own", "within", "rows"),
    [
        (None, Scope.SELF, [(ME, THEIRS)]),
        (None, Scope.TEAM, [(ME, THEIRS), (None, THEIRS)]),
        (Scope.SELF, Scope.TEAM, [*ROWS[:3], (None, THEIRS)]),
        (Scope.TEAM, Scope.SELF, ROWS[:4]),
        (Scope.ORG, Scope.SELF, ROWS),
    ],
)
def test_reach_when_a_team_has_a_role_then_it_ends_at_that_team(
    own: Scope | None, within: Scope, rows: list[tuple[UUID | None, UUID | None]]
) -> None:
    """``THEIRS`` has the role; the person is in both teams."""
    grants = {} if own is None else {READ: own}
    teams = frozenset({MINE, THEIRS}) if own is not Scope.TEAM else frozenset({MINE})
    reach = authorize(Holder(grants, team_ids=teams, team_grants={THEIRS: {READ: within}}), READ)
    assert covered(reach) == set(rows)


def test_reach_when_a_row_asks_somebody_whose_right_is_of_one_team_then_only_there() -> None:
    reach = authorize(Holder({}, team_grants={MINE: {READ: Scope.SELF}}), READ)
    asks = [f"person:{ME}"]
    assert reach.covers(owner=None, team=MINE, asks=asks)
    assert not reach.covers(owner=None, team=THEIRS, asks=asks)
    assert not reach.covers(owner=None, team=None, asks=asks)


def test_reach_of_two_rights_when_put_together_then_what_both_cover() -> None:
    """Every pair of ways to have two rights, against the rows that each covers."""
    ways: list[Mapping[Right, Scope]] = [{}, *({READ: scope} for scope in list(Scope)[:3])]
    holders = [
        Holder(own, team_ids=frozenset({MINE, THEIRS}), team_grants=added)
        for own in ways
        for added in ({}, *({THEIRS: {READ: scope}} for scope in (Scope.SELF, Scope.TEAM)))
        if own or added
    ]
    reaches = [authorize(holder, READ) for holder in holders]
    for one in reaches:
        for other in reaches:
            assert covered(one.both(other)) == covered(one) & covered(other)


@pytest.mark.parametrize("team_grants", [{}, {MINE: {Right.RUNS_READ: Scope.TEAM}}])
def test_authorize_when_the_right_is_missing_then_refused_by_name(
    team_grants: Mapping[UUID, Grants],
) -> None:
    with pytest.raises(PermissionDeniedError, match="proposals:approve"):
        authorize(Holder({}, team_grants=team_grants), Right.PROPOSALS_APPROVE)


def test_role_of_a_team_when_it_holds_what_belongs_to_no_team_then_that_is_left_out() -> None:
    assert permission_names(in_team(SYSTEM_ROLES[Role.SUPER_ADMIN].grants)) == sorted(
        f"{right}:team"
        for right in Right
        if right.split(":")[0] in ("proposals", "runs", "documents", "analytics")
        and right is not Right.ANALYTICS_EXPORT
    )
    assert in_team({Right.RUNS_READ: Scope.SELF}) == {Right.RUNS_READ: Scope.SELF}


def test_grants_when_several_then_the_widest_scope_of_each_right() -> None:
    union = united([SYSTEM_ROLES[Role.MEMBER].grants, SYSTEM_ROLES[Role.VIEWER].grants])
    assert union[Right.PROPOSALS_READ] is Scope.ORG
    assert union[Right.RUNS_CREATE] is Scope.SELF
    holder = Holder({READ: Scope.SELF}, team_grants={MINE: {READ: Scope.TEAM}})
    assert all_grants(holder) == {READ: Scope.TEAM}


def test_permissions_when_written_and_read_then_the_same() -> None:
    grants = SYSTEM_ROLES[Role.TEAM_LEAD].grants
    assert grants_from(permission_names(grants)) == grants
    assert grants_from(["runs:read:self", "runs:read:team"]) == {Right.RUNS_READ: Scope.TEAM}


def test_wildcards_when_read_then_every_right_that_has_such_a_scope() -> None:
    assert grants_from(["*:*:all"]) == dict.fromkeys(Right, Scope.ALL)
    assert permission_names(grants_from(["runs:*:team"])) == [
        "runs:create:team",
        "runs:read:team",
        "runs:update:team",
    ]
    reading = grants_from(["*:read:self"])
    assert Right.RUNS_READ in reading
    assert Right.USERS_READ not in reading  # people are of the organization or of nobody
    assert Right.USERS_READ in grants_from(["*:read:org"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "runs:read",
        "runs:read:",
        "runs:read:TEAM",
        "*:*:*",
        "*",
        "runs:*",
        "users:read:team",
        "connectors:export:self",
        "*:export:team",
        "kings:*:org",
        "a:b:c:d",
    ],
)
def test_permission_when_it_does_not_exist_then_named(text: str) -> None:
    with pytest.raises(ValueError, match="there is no permission"):
        grants_from(["runs:read:self", text])


def test_stored_permissions_when_a_right_is_gone_then_the_others_hold() -> None:
    assert expanded(("faxes:send:org", "runs:read:self")) == {Right.RUNS_READ: Scope.SELF}


@pytest.mark.parametrize(
    ("own", "text", "included"),
    [
        ("*:*:org", "*:read:org", True),
        ("*:*:org", "*:*:all", False),
        ("*:*:org", "proposals:*:team", True),
        ("proposals:*:team", "proposals:read:team", True),
        ("proposals:*:team", "proposals:read:org", False),
        ("proposals:*:team", "*:read:team", False),
        ("*:read:team", "proposals:*:team", False),
    ],
)
def test_wildcard_when_compared_then_within_a_wider_one_only(
    own: str, text: str, *, included: bool
) -> None:
    assert includes([own], text) is included


def test_narrowed_when_both_hold_a_right_then_at_the_narrower_scope() -> None:
    held = {Right.RUNS_READ: Scope.TEAM, Right.RUNS_CREATE: Scope.SELF}
    asked = {Right.RUNS_READ: Scope.ORG, Right.BILLING_READ: Scope.ORG}
    assert narrowed(held, asked) == {Right.RUNS_READ: Scope.TEAM}
    assert narrowed(asked, held) == {Right.RUNS_READ: Scope.TEAM}
    assert beyond(asked, held) == ["billing:read:org", "runs:read:org"]
    assert beyond({Right.RUNS_READ: Scope.SELF}, held) == []
