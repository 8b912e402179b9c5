"""The inbox's page: the boxes are the API's, and every one says what its emptiness means."""

import re
from urllib.parse import parse_qs, urlsplit

import msgspec

from backend.proposals.filters import Box
from backend.schemas.matrix import BoxCounts
from ui.pages.inbox import BOXES
from ui.pages.proposals import _wanted


def test_boxes_when_shown_then_those_that_the_api_has_and_counts() -> None:
    names = [name for name, *_ in BOXES]
    assert names == [str(box) for box in Box]
    assert set(names) <= {field.name for field in msgspec.structs.fields(BoxCounts)}


def test_empty_box_when_shown_then_a_fact_and_one_way_to_another_place() -> None:
    for name, _, fact, text, (words, to) in BOXES:
        assert not re.search(r"[!.]$", fact)
        assert text.endswith(".")
        assert words.startswith("See ")
        assert parse_qs(urlsplit(to).query).get("box", ["matrix"]) != [name]


def test_card_when_the_address_names_one_then_in_whichever_list_it_is_open() -> None:
    assert [_wanted(path) for path in ("/inbox/7a", "/proposals/7a/", "/inbox", "/proposals/")] == [
        "7a",
        "7a",
        "",
        "",
    ]
