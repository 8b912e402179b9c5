"""Bytes and letters that addresses, passwords and codes should not contain."""

import httpx
import pytest

from tests.fixtures.guest import LOGIN, TOKEN, Guest
from tests.fixtures.people import PASSWORD

ASK = "/api/v1/auth/password-reset"
NUL = "a\x00b"  # is no text, whatever it is sent for
STRANGE = [NUL, "\ufeff", "'; DROP TABLE user_account; --", "🦜" * 300, "\u202e", "x" * 5000]


@pytest.mark.parametrize("word", STRANGE)
@pytest.mark.parametrize("field", ["email", "password", "totp", "organization"])
async def test_strange_words_are_refused_as_wrong_and_break_nothing(
    client: httpx.AsyncClient, guest: Guest, field: str, word: str
) -> None:
    sent = guest.login(**{"organization": guest.office.slug} | {field: word})
    api = await client.post(TOKEN, json=sent)
    form = await client.post(LOGIN, data=sent)
    if field == "totp" and word != NUL:  # who has no second factor is not asked for one
        assert (api.status_code, form.status_code) == (200, 303)
        return
    assert api.status_code in (401, 422)
    assert form.status_code in (303, 422)
    assert "set-cookie" not in form.headers


@pytest.mark.parametrize("word", STRANGE)
async def test_strange_words_get_no_link_and_open_none(
    client: httpx.AsyncClient, word: str
) -> None:
    asked = await client.post(ASK, json={"email": word})
    assert asked.status_code in (202, 422)
    body = {"token": word, "new": "a different horse, another battery"}
    confirmed = await client.post(f"{ASK}/confirm", json=body)
    assert confirmed.status_code == 422
    assert confirmed.json()["code"] == ("invalid_body" if word == NUL else "reset_link_invalid")


async def test_half_a_character_is_refused_as_malformed(client: httpx.AsyncClient) -> None:
    for body in (b'{"email": "\\ud800", "password": "x"}', b'{"email": "\xff", "password": "x"}'):
        answer = await client.post(TOKEN, content=body)
        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_body"


@pytest.mark.parametrize("change", ["\u0435", "\u200be", "\uff45"])
async def test_an_address_that_only_looks_alike_gets_no_mail_of_ours(
    client: httpx.AsyncClient, guest: Guest, change: str
) -> None:
    alike = guest.email.replace("people.example", f"people.{change}xample")
    assert (await client.post(ASK, json={"email": alike})).status_code == 202
    assert await guest.mails() == []
    login = {"email": alike, "password": PASSWORD}
    assert (await client.post(TOKEN, json=login)).status_code == 401
