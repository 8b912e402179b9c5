"""Settings: what a name may be, which keys are off, where somebody is signed in, what is used of the tier."""

import pytest

from backend.schemas.profile import SessionRef
from backend.schemas.usage import QuotaUse, Usage
from tests.unit.ui.wire import AT
from ui.settings_views import ALL_KEYS, name_mistake, session_view, switched, usage_view


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_name_when_it_cannot_be_one_then_a_sentence_says_why(name: str) -> None:
    assert name_mistake(name).endswith(".")


@pytest.mark.parametrize("name", ["Ana", " Ana Analyst ", "x" * 100])
def test_name_when_it_can_be_one_then_nothing_is_said(name: str) -> None:
    assert name_mistake(name) == ""


@pytest.mark.parametrize(
    ("quiet", "key", "then"),
    [
        ("", "a", "a"),
        ("ar", "a", "r"),
        ("", "all", ALL_KEYS),
        ("a", "all", ""),
        (ALL_KEYS, "all", ""),
    ],
)
def test_key_when_its_switch_is_pressed_then_that_key_alone_changes(
    quiet: str, key: str, then: str
) -> None:
    assert switched(quiet, key) == then


def test_session_when_its_address_is_not_known_then_it_says_so() -> None:
    given = {"kind": "browser", "device": "Chromium on Linux", "organization": "Meridian"}
    times = {"opened_at": AT, "last_used_at": AT, "expires_at": AT}
    ref = SessionRef(id="s", address=None, current=True, **given, **times)  # type: ignore[arg-type]

    view = session_view(ref)

    assert (view.address, view.current, view.icon) == ("address not known", True, "browser")


def test_usage_when_a_quota_nears_its_end_then_it_warns_in_words() -> None:
    used = {"calls": 79_000, "connections": 4, "data": 1_234_567, "users": 5, "connectors": 1}
    allowed = {"calls": 100_000, "connections": 5, "data": 10**9, "users": 5, "connectors": None}
    warnings = {"connections": 80, "users": 100}
    usage = Usage(
        tier="free",
        month_ends_at=AT,
        rates=[],
        quotas=[
            QuotaUse(quota=q, used=used[q], allowed=allowed[q], warning=warnings.get(q))
            for q in used
        ],
    )
    view = usage_view(usage)
    assert view.tier == "Free"
    assert [(one.used, one.share, one.warning, one.tone) for one in view.quotas] == [
        ("79,000 of 100,000", "79%", "", "amber"),
        ("4 of 5", "80%", "80 % used", "amber"),
        ("1.2 MB of 1 GB", "0%", "", "amber"),
        ("5 of 5", "100%", "Used up", "red"),
        ("1, no limit", "", "", ""),
    ]
