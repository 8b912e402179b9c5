"""Every page in both themes and from phone to wide screen: nothing bars the way, nothing runs off to the side."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.person import Account, Person
from tests.looking.look import DESK, PHONE, TABLET, THEMES, WIDE, Look
from tests.looking.places import Place, find_ids, places
from tests.stack import Stack

pytestmark = pytest.mark.long

PLACES = places()


class Looker:
    """Somebody who goes from page to page, and somebody who is not signed in."""

    def __init__(self, browser: Browser, url: str, account: Account) -> None:
        self._url = url
        self._person = Person(browser, url, account, still=True)
        self._stranger = browser.new_page(reduced_motion="reduce", color_scheme="light")
        self._ids = find_ids(self._person.get)

    def at(self, place: Place) -> Look:
        look = Look(self._person.page if place.signed_in else self._stranger)
        look.page.set_viewport_size({"width": DESK, "height": 900})
        place.visit(look.page, self._url, self._ids)
        return look

    def leave(self) -> None:
        self._stranger.close()
        self._person.leave()


@pytest.fixture(scope="module")
def looker(stack: Stack, browser: Browser, accounts: dict[str, Account]) -> Iterator[Looker]:
    one = Looker(browser, stack.demo.web_url, accounts["paul"])
    yield one
    one.leave()


@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_page_when_looked_at_in_every_light_and_width_then_nobody_is_shut_out(
    looker: Looker, place: Place
) -> None:
    look = looker.at(place)
    faults: dict[str, object] = {}
    for width in (WIDE, TABLET):
        look.as_("light", width)
        faults[f"wider than {width}"] = look.wider()
    for width in (DESK, PHONE):
        for theme in THEMES:
            look.as_(theme, width)
            faults[f"axe, {theme}, {width}"] = look.barriers()
    faults[f"wider than {PHONE}"] = look.wider()
    faults["too small for a finger"] = look.small()
    assert {where: found for where, found in faults.items() if found} == {}
