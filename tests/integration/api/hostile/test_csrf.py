"""Pages of other sites that send forms and requests with a person's cookie."""

import httpx
import pytest

from tests.fixtures.guest import TOKEN, Guest
from tests.fixtures.people import PASSWORD

ME = "/api/v1/me"
FOREIGN = ["https://evil.example", "null", "http://127.0.0.1.evil.example:8080", "http://[::1]:1"]
FORMS = ["login", "logout", "switch", "reset-link", "reset", "invite"]
WRITES = [
    ("PATCH", ME, {"name": "Taken over"}),
    ("POST", f"{ME}/password", {"password": PASSWORD, "new": "taken over by another"}),
    ("POST", f"{ME}/totp", {"password": PASSWORD}),
    ("POST", f"{ME}/totp/disable", {"password": PASSWORD}),
    ("POST", f"{ME}/sessions/revoke-others", None),
    ("POST", "/api/v1/api-keys", {"name": "Taken", "scopes": ["proposals:read:self"]}),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_form_of_another_site_is_refused(
    client: httpx.AsyncClient, guest: Guest, form: str, origin: str
) -> None:
    headers = {**await guest.cookie(), "Origin": origin}
    answer = await client.post(f"/auth/{form}", data=guest.login(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert "set-cookie" not in answer.headers
    assert await guest.mails() == []


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_a_write_with_the_cookie_alone_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, guest: Guest, method: str, path: str, body: object
) -> None:
    both = await guest.cookie()
    cookie = {"Cookie": both["Cookie"]}
    bare = await client.request(method, path, json=body, headers=cookie)
    assert (bare.status_code, bare.json()["code"]) == (403, "missing_header")
    text = {**cookie, "Content-Type": "text/plain"}
    simple = await client.request(method, path, content=b"{}", headers=text)
    assert (simple.status_code, simple.json()["code"]) == (403, "missing_header")
    for origin in FOREIGN:
        foreign = await client.request(method, path, json=body, headers={**both, "Origin": origin})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    assert (await client.get(ME, headers=both)).json()["user"]["name"] == "Ada King"
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200
    kept = [one.details["code"] for one in await guest.audited("access.denied")]
    assert kept == ["missing_header"] * 2 + ["foreign_origin"] * len(FOREIGN)


async def test_the_header_cannot_be_asked_for_by_another_site(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    preflight = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-countersign",
    }
    answer = await client.options(ME, headers=preflight)
    assert "access-control-allow-origin" not in answer.headers
    asked = {**await guest.cookie(), "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in (await client.get(ME, headers=asked)).headers
