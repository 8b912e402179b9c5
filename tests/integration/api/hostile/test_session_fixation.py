"""A session that somebody else knows or has planted: it is worth nothing after the next log-in or change of rights."""

import httpx
import pytest

from tests.fixtures.guest import LOGIN, Guest, cookie_of
from tests.fixtures.people import PASSWORD, Office

ME, CHANGE = "/api/v1/me", "/api/v1/me/password"
NEW = "a different horse, another battery"


async def test_a_planted_cookie_is_never_the_one_that_the_log_in_opens(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    planted = {"Cookie": "countersign_session=chosen-by-somebody-else"}
    entered = await client.post(LOGIN, data=guest.login(), headers=planted)
    client.cookies.clear()
    assert cookie_of(entered)["Cookie"] != planted["Cookie"]
    assert (await client.get(ME, headers=planted)).status_code == 401
    assert (await client.get(ME, headers=cookie_of(entered))).status_code == 200


async def test_a_session_of_the_attacker_does_not_become_the_victims(
    client: httpx.AsyncClient, guest: Guest, office: Office
) -> None:
    attackers = await office.cookie("outsider")
    entered = await client.post(LOGIN, data=guest.login(), headers=attackers)
    client.cookies.clear()
    assert (await client.get(ME, headers=attackers)).status_code == 401
    me = (await client.get(ME, headers=cookie_of(entered))).json()
    assert me["user"]["email"] == guest.email


async def test_a_known_session_dies_when_the_password_changes_and_the_browser_gets_another(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    known = await guest.cookie()
    body = {"password": PASSWORD, "new": NEW}
    changed = await client.post(CHANGE, json=body, headers=known)
    client.cookies.clear()
    assert (await client.get(ME, headers=known)).status_code == 401
    assert (await client.get(ME, headers=cookie_of(changed))).status_code == 200
    assert len(await guest.audited("session.rotated")) == 1


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/proposals"])
async def test_a_session_in_the_address_or_a_header_is_none(
    client: httpx.AsyncClient, guest: Guest, path: str
) -> None:
    token = (await guest.cookie())["Cookie"].partition("=")[2]
    query = {"countersign_session": token}
    assert (await client.get(path, params=query)).status_code == 401
    for headers in ({"countersign_session": token}, {"Authorization": f"Bearer {token}"}):
        assert (await client.get(path, headers=headers)).status_code == 401
