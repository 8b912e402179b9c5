"""The frame of every page: each page is reached from it, and the log-in leads back to where one was."""

from urllib.parse import parse_qs, urlsplit

from ui.components.navigation import ENTRIES, GROUPS
from ui.session import login_path


def test_navigation_when_read_then_every_page_is_named_once_and_a_phone_has_three_tabs() -> None:
    assert len({entry.to for entry in ENTRIES}) == len({entry.title for entry in ENTRIES})
    assert len(ENTRIES) == sum(len(entries) for _, entries in GROUPS)
    assert [entry.title for entry in ENTRIES if entry.tab] == ["Inbox", "Matrix", "Runs"]


def test_login_when_one_was_on_a_narrowed_page_then_its_whole_query_comes_back() -> None:
    place = "/proposals/0199?view=mine&decision=pending&q=a%26b"

    asked = urlsplit(login_path(place))

    assert asked.path == "/login"
    assert parse_qs(asked.query) == {"next": [place]}
