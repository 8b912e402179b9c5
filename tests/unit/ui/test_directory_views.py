"""Members and teams as the page shows them: what the API allows can be pressed, the tree is a tree."""

from datetime import UTC, datetime

import pytest

from backend.schemas.common import Permission
from backend.schemas.directory import Member, Team
from backend.schemas.roles import RoleInfo
from ui.directory_views import member_view, moved, team_views

ALLOWED, REFUSED = Permission(allowed=True), Permission(allowed=False, reason="this needs more")
ROLES = [
    RoleInfo(
        id=name,
        name=name.capitalize(),
        custom=False,
        permissions=[],
        grants=[],
        members=0,
        teams=[],
        can_give=can_give,
        can_change=REFUSED,
    )
    for name, can_give in (("super_admin", REFUSED), ("member", ALLOWED))
]
TREE = [
    Team(id="b", name="Below", parent="t", members=1, role="member"),
    Team(id="d", name="Deep", parent="b", members=0, role=None),
    Team(id="o", name="Other", parent=None, members=2, role="super_admin"),
    Team(id="t", name="Top", parent=None, members=0, role=None),
]


def member(
    role: str = "member", can_change: Permission = ALLOWED, can_remove: Permission = ALLOWED
) -> Member:
    return Member(
        id="ana",
        name="Ana Analyst",
        initials="AA",
        email="ana@people.example",
        role=role,
        teams=["b", "o"],
        since=datetime(2026, 11, 24, tzinfo=UTC),
        can_change=can_change,
        can_remove=can_remove,
    )


def test_member_when_shown_then_with_the_names_of_their_teams_and_only_roles_one_may_give() -> None:
    view = member_view(member(), ROLES, TREE, "paul")

    assert view.teams == "Below, Other"
    assert [(one.value, one.chosen, one.off) for one in view.roles] == [
        ("super_admin", False, True),
        ("member", True, False),
    ]
    assert [one.value for one in view.places if one.chosen] == ["b", "o"]
    assert (view.you, view.locked, view.kept) == (False, "", "")


def test_member_when_they_have_a_role_that_one_may_not_give_then_it_is_still_the_chosen_one() -> (
    None
):
    view = member_view(member("super_admin"), ROLES, TREE, "paul")

    assert [(one.chosen, one.off) for one in view.roles] == [(True, False), (False, False)]


def test_member_when_nothing_is_allowed_then_the_line_says_why() -> None:
    view = member_view(member(can_change=REFUSED, can_remove=REFUSED), ROLES, TREE, "paul")

    assert (view.locked, view.kept) == ("This needs more.", "This needs more.")


def test_teams_when_they_form_a_tree_then_each_stands_below_its_own_and_cannot_move_into_itself() -> (
    None
):
    lines = team_views(TREE, ROLES)

    assert [(one.name, one.indent) for one in lines] == [
        ("Other", "0px"),
        ("Top", "0px"),
        ("Below", "20px"),
        ("Deep", "40px"),
    ]
    below = lines[2]
    assert [(one.label, one.chosen) for one in below.parents] == [
        ("At the top", False),
        ("Below Other", False),
        ("Below Top", True),
    ]
    assert [one.members for one in lines] == ["2 members", "0 members", "1 member", "0 members"]


def test_team_when_it_has_a_role_then_that_is_chosen_and_only_who_may_give_it_can_change_it() -> (
    None
):
    other, top, below, _ = team_views(TREE, ROLES)

    assert [(one.value, one.chosen, one.off) for one in below.roles] == [
        ("", False, False),
        ("super_admin", False, True),
        ("member", True, False),
    ]
    assert (below.kept, other.kept, top.role) == ("", "This needs more.", "")


@pytest.mark.parametrize(
    ("teams", "team", "then"),
    [(["b", "o"], "o", ["b"]), (["b"], "o", ["b", "o"]), ([], "t", ["t"])],
)
def test_box_of_a_team_when_pressed_then_only_that_one_changes(
    teams: list[str], team: str, then: list[str]
) -> None:
    assert moved(teams, team) == then
