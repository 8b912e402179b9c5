"""Addresses that would lead a person from our forms to another site."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fixtures.guest import LOGIN, Guest

AWAY = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/a\r\nSet-Cookie: countersign_session=planted",
    "evil.example",
    "",
]


@pytest.mark.parametrize("wanted", AWAY)
async def test_no_form_leads_to_another_site(
    client: httpx.AsyncClient, guest: Guest, wanted: str
) -> None:
    entered = await client.post(LOGIN, data=guest.login(next=wanted))
    assert entered.headers["location"] == "/proposals"
    switch = {"organization": guest.office.slug, "next": wanted}
    switched = await client.post("/auth/switch", data=switch)
    assert switched.headers["location"] == "/proposals"
    refused = await client.post(LOGIN, data=guest.login("wrong", next=wanted))
    target = urlsplit(refused.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("", "", "/login")
    assert parse_qs(target.query).get("next", ["/proposals"]) == ["/proposals"]


async def test_a_header_that_names_another_host_is_not_believed(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    named = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"}
    entered = await client.post(LOGIN, data=guest.login(), headers=named)
    assert entered.headers["location"] == "/proposals"
    await client.post("/auth/reset-link", data={"email": guest.email}, headers=named)
    [text] = await guest.mails()
    assert "http://127.0.0.1:8080/reset?token=" in text
    assert "evil" not in text
