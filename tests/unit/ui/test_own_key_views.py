"""API keys on their page: what can be given, what is asked for, and why something is off."""

from datetime import timedelta

import pytest

from backend.schemas.api_keys import ApiKey, ApiKeyCreate
from tests.unit.ui.wire import ANA, AT, PAUL
from ui.own_key_views import UnfitKeyError, groups, key_view, reaches, wanted
from ui.qr import code

MINE = ["api_keys:create:org", "proposals:read:team", "runs:create:self"]


def key(**changed: object) -> ApiKey:
    given: dict[str, object] = {
        "id": "k",
        "prefix": "cs_0123456789abcdef",
        "name": "Nightly report",
        "scopes": ["proposals:read:team", "api_keys:read:org"],
        "created_by": ANA,
        "created_at": AT,
        "expires_at": None,
        "last_used_at": None,
    }
    return ApiKey(**(given | changed))  # type: ignore[arg-type]


def test_key_when_it_is_ones_own_then_it_can_be_rotated_and_says_what_it_may() -> None:
    view = key_view(key(last_used_at=AT), "ana", [*MINE, "api_keys:delete:org"], AT)
    assert (view.unturned, view.kept, view.by, view.expired) == ("", "", "you", False)
    assert (view.summary, view.ends) == ("2 permissions", "")
    assert key_view(key(expires_at=AT), "ana", MINE, AT).ends == "2026-11-24"
    assert view.permissions == ["Read proposals of the teams", "Read API keys of all"]
    assert view.prefix == "cs_0123456789abcdef…"


def test_key_when_something_is_off_then_it_says_why() -> None:
    assert key_view(key(created_by=PAUL), "ana", MINE, AT).unturned == (
        "Only Paul Approver can rotate it: it acts for them."
    )
    assert key_view(key(expires_at=AT), "ana", MINE, AT).unturned.startswith("It has expired")
    view = key_view(key(), "ana", ["proposals:read:team"], AT)
    assert view.kept == "This needs the permission api_keys:delete."
    assert view.unturned == "This needs the permission api_keys:create."


def test_form_offers_what_one_has_and_no_wider_reach() -> None:
    shown = {one.label: [choice.value for choice in one.choices] for one in groups(MINE)}
    assert shown == {
        "API keys": ["api_keys:create"],
        "Proposals": ["proposals:read"],
        "Runs": ["runs:create"],
    }
    [connectors] = groups(["connectors:create:org", "connectors:read:org"])
    assert [one.label for one in connectors.choices] == ["Read", "Create"]
    assert [one.value for one in reaches(MINE)] == ["self", "team", "org"]
    assert [one.value for one in reaches(MINE[2:])] == ["self"]
    assert [one.value for one in reaches(["x:read:all"])] == ["self", "team", "org"]


def test_form_when_sent_then_each_permission_at_the_narrower_reach() -> None:
    ticked = {"proposals:read": "on", "runs:create": "on", "api_keys:create": "on"}
    form = {"name": " Nightly ", "reach": "team", "lasts": "30", **ticked}
    assert wanted(form, MINE, AT) == ApiKeyCreate(
        name="Nightly",
        scopes=["api_keys:create:team", "proposals:read:team", "runs:create:self"],
        expires_at=AT + timedelta(days=30),
    )
    assert wanted({**form, "lasts": ""}, MINE, AT).expires_at is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": " ", "reach": "org", "runs:create": "on"}, "Write a name"),
        ({"name": "x", "reach": "org"}, "at least one permission"),
        ({"name": "x", "reach": "org", "billing:read": "on"}, "at least one permission"),
    ],
)
def test_form_when_it_is_not_complete_then_a_sentence_says_so(
    form: dict[str, str], why: str
) -> None:
    with pytest.raises(UnfitKeyError, match=why):
        wanted(form, MINE, AT)


def test_qr_when_drawn_then_its_three_corners_stand_within_the_white() -> None:
    drawn = code("otpauth://totp/Countersign:ana?secret=ABC")
    side = int(drawn.box.split()[-1])
    for x, y in ((4, 4), (side - 11, 4), (4, side - 11)):
        assert f"M{x} {y}h7v1h-7z" in drawn.path
    assert f"M{side - 11} {side - 11}h7" not in drawn.path
