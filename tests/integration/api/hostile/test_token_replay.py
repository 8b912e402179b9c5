"""Refresh tokens, access tokens and links that come again after they were spent or their family died."""

from typing import Any

import httpx

from tests.fixtures.guest import TOKEN, Guest
from tests.fixtures.people import PASSWORD

REFRESH, ME = "/api/v1/auth/refresh", "/api/v1/me"


async def refreshed(client: httpx.AsyncClient, pair: dict[str, Any]) -> httpx.Response:
    return await client.post(REFRESH, json={"refreshToken": pair["refreshToken"]})


def bearer(pair: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair['accessToken']}"}


async def test_a_thief_with_an_old_refresh_token_ends_the_family_and_gets_nothing(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    stolen = (await client.post(TOKEN, json=guest.login())).json()
    apart = (await client.post(TOKEN, json=guest.login())).json()
    second = (await refreshed(client, stolen)).json()
    third = (await refreshed(client, second)).json()
    replayed = await refreshed(client, stolen)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "token_reused")
    assert "accessToken" not in replayed.text
    for pair in (second, third):
        assert (await refreshed(client, pair)).status_code == 401
        assert (await client.get(ME, headers=bearer(pair))).status_code == 401
    assert (await client.get(ME, headers=bearer(apart))).status_code == 200
    [audit] = await guest.audited("token.reused")
    assert audit.channel == "rest"


async def test_tokens_are_good_for_their_own_purpose_alone(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    pair = (await client.post(TOKEN, json=guest.login())).json()
    as_access = {"Authorization": f"Bearer {pair['refreshToken']}"}
    assert (await client.get(ME, headers=as_access)).status_code == 401
    as_cookie = {"Cookie": f"countersign_session={pair['accessToken']}"}
    assert (await client.get(ME, headers=as_cookie)).status_code == 401
    as_refresh = await client.post(REFRESH, json={"refreshToken": pair["accessToken"]})
    assert as_refresh.status_code == 401
    assert (await refreshed(client, pair)).status_code == 200


async def test_tokens_of_before_a_password_change_are_dead(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    before = (await client.post(TOKEN, json=guest.login())).json()
    body = {"password": PASSWORD, "new": "a different horse, another battery"}
    headers = await guest.bearer()
    assert (await client.post(f"{ME}/password", json=body, headers=headers)).status_code == 204
    assert (await refreshed(client, before)).status_code == 401
    assert (await client.get(ME, headers=bearer(before))).status_code == 401
