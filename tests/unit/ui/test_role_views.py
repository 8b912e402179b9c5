"""Roles as the page shows them: nothing can be chosen that the reader cannot give, and a form says what it says."""

from backend.schemas.common import Permission
from backend.schemas.roles import RightInfo, RoleInfo, RoleList
from ui.role_views import form_of, holders, permissions_of, roles_view

ALLOWED, REFUSED = Permission(allowed=True), Permission(allowed=False, reason="this needs more")
NESTED = ["self", "team", "org", "all"]
RIGHTS = [
    RightInfo(resource="runs", action="read", scopes=NESTED, yours="team"),
    RightInfo(resource="runs", action="update", scopes=NESTED, yours=None),
    RightInfo(resource="api_keys", action="read", scopes=NESTED[2:], yours="org"),
]


def role(role_id: str, *grants: str, custom: bool = True, **more: object) -> RoleInfo:
    given: dict[str, object] = {
        "id": role_id,
        "name": role_id.capitalize(),
        "custom": custom,
        "permissions": list(grants),
        "grants": list(grants),
        "members": 0,
        "teams": [],
        "can_give": ALLOWED,
        "can_change": ALLOWED,
    }
    return RoleInfo(**(given | more))  # type: ignore[arg-type]


def test_roles_when_shown_then_system_roles_as_a_matrix_and_own_ones_with_who_has_them() -> None:
    held = role("watcher", "runs:read:org", members=1, teams=["Night"], can_change=REFUSED)
    spare = role("all", "runs:read:team", permissions=["runs:*:team"])
    system = [role("lead", "runs:read:team", custom=False), role("none", custom=False)]
    view = roles_view(RoleList(items=[*system, held, spare], rights=RIGHTS, can_create=REFUSED))

    assert (view.system, view.locked) == (["Lead", "None"], "This needs more.")
    assert [(row.resource, row.action, row.first) for row in view.matrix] == [
        ("Runs", "Read", True),
        ("Runs", "Update", False),
        ("API keys", "Read", True),
    ]
    assert [[cell.word for cell in row.cells] for row in view.matrix] == [
        ["Team", "No"],
        ["No", "No"],
        ["No", "No"],
    ]
    own, unused = view.own
    assert (own.rights, own.held) == ("1 right", "1 member, the team Night")
    assert (own.locked, bool(own.kept), own.written) == ("This needs more.", True, "")
    assert (unused.held, unused.kept, unused.written) == ("nobody", "", "runs:*:team")


def test_form_when_one_lacks_a_right_then_it_is_seen_and_cannot_be_chosen_and_says_why() -> None:
    runs, keys = form_of(role("watcher", "runs:read:self"), RIGHTS)
    read, update = runs.fields

    assert (read.name, read.chosen) == ("runs:read", "self")
    assert [(pick.value, pick.off) for pick in read.picks] == [
        ("", False),
        ("self", False),
        ("team", False),
        ("org", True),
    ]
    assert read.locked == "You have this at team, so you cannot give it further."
    assert [pick.value for pick in update.picks if not pick.off] == [""]
    assert update.locked == "You lack this right, so you cannot give it."
    assert (keys.resource, keys.fields[0].locked) == ("API keys", "")
    assert [pick.value for pick in keys.fields[0].picks] == ["", "org"]
    assert all(one.chosen == "" for group in form_of(None, RIGHTS) for one in group.fields)


def test_choices_when_sent_then_as_permissions() -> None:
    form = {"name": "A", "runs:read": "team", "runs:update": "", "x:y": "king"}
    assert permissions_of(form) == ["runs:read:team"]


def test_holders_when_many_then_some_by_name() -> None:
    assert holders(["Ana"], 1) == "Ana"
    assert holders([], 0) == ""
    assert holders(list("abcdefg"), 120) == "a, b, c, d, e and 115 more"
