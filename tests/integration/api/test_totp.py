"""The second factor, as an authenticator app and the two doors meet it."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from sqlalchemy import select, update

from tenancy.models.access import RecoveryCode, UserTotp
from tenancy.session import system
from tests.fixtures.guest import LOGIN, TOKEN, Guest, cookie_of
from tests.fixtures.people import PASSWORD

ME, TOTP = "/api/v1/me", "/api/v1/me/totp"


async def enrolled(client: httpx.AsyncClient, guest: Guest) -> tuple[pyotp.TOTP, list[str]]:
    headers = await guest.bearer()
    begun = await client.post(TOTP, json={"password": PASSWORD}, headers=headers)
    assert begun.status_code == 200, begun.text
    phone = pyotp.TOTP(begun.json()["secret"])
    body = {"code": phone.now()}
    done = await client.post(f"{TOTP}/confirm", json=body, headers=headers)
    assert done.status_code == 200, done.text
    await forget_steps(guest)
    return phone, done.json()["recoveryCodes"]


async def forget_steps(guest: Guest) -> None:
    """As if the last code had been used long ago; nobody waits half a minute for the next."""
    async with system(guest.office.database) as session:
        of_guest = update(UserTotp).where(UserTotp.user_id == guest.user_id)
        await session.execute(of_guest.values(last_step=0))


async def test_log_in_asks_for_a_code_once_the_app_is_confirmed(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers = await guest.bearer()
    begun = (await client.post(TOTP, json={"password": PASSWORD}, headers=headers)).json()
    assert begun["uri"].startswith("otpauth://totp/Countersign:")
    assert begun["secret"] in begun["uri"]
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200
    phone, codes = await enrolled(client, guest)
    assert len(set(codes)) == 10
    state = (await client.get(TOTP, headers=await guest.bearer())).json()
    assert state == {"enabled": True, "recoveryCodesLeft": 10}
    asked = await client.post(TOKEN, json=guest.login())
    assert (asked.status_code, asked.json()["code"]) == (401, "totp_required")
    entered = await client.post(TOKEN, json=guest.login(totp=phone.now()))
    assert entered.status_code == 200
    assert len(await guest.audited("user.totp_enabled")) == 1


async def test_a_wrong_password_is_refused_before_any_code_is_asked_for(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    phone, _ = await enrolled(client, guest)
    for more in ({}, {"totp": phone.now()}):
        answer = await client.post(TOKEN, json=guest.login("wrong", **more))
        assert (answer.status_code, answer.json()["code"]) == (401, "login_failed")


async def test_a_code_is_good_once(client: httpx.AsyncClient, guest: Guest) -> None:
    phone, _ = await enrolled(client, guest)
    body = guest.login(totp=phone.now())
    assert (await client.post(TOKEN, json=body)).status_code == 200
    again = await client.post(TOKEN, json=body)
    assert (again.status_code, again.json()["code"]) == (401, "totp_wrong")
    form = await client.post(LOGIN, data=body)
    assert parse_qs(urlsplit(form.headers["location"]).query)["error"] == ["totp_wrong"]
    assert [one.details["reason"] for one in await guest.audited("user.login_refused")] == [
        "totp_wrong",
        "totp_wrong",
    ]


async def test_the_code_that_confirmed_the_app_does_not_log_in(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    headers = await guest.bearer()
    begun = (await client.post(TOTP, json={"password": PASSWORD}, headers=headers)).json()
    body = {"code": pyotp.TOTP(begun["secret"]).now()}
    await client.post(f"{TOTP}/confirm", json=body, headers=headers)
    replayed = await client.post(TOKEN, json=guest.login(totp=body["code"]))
    assert (replayed.status_code, replayed.json()["code"]) == (401, "totp_wrong")


async def test_a_recovery_code_stands_in_once_and_is_kept_as_a_hash(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    _, codes = await enrolled(client, guest)
    spelt = codes[0].upper().replace("-", " ")
    assert (await client.post(TOKEN, json=guest.login(totp=spelt))).status_code == 200
    again = await client.post(TOKEN, json=guest.login(totp=codes[0]))
    assert (again.status_code, again.json()["code"]) == (401, "totp_wrong")
    [used] = await guest.audited("user.recovery_code_used")
    assert used.details["left"] == 9
    async with system(guest.office.database) as session:
        of_guest = RecoveryCode.user_id == guest.user_id
        kept = list(await session.scalars(select(RecoveryCode.hash).where(of_guest)))
        sealed = await session.scalar(
            select(UserTotp.sealed).where(UserTotp.user_id == guest.user_id)
        )
    assert len(kept) == 9
    assert not any(code.replace("-", "").encode() in b"".join(kept) for code in codes)
    assert sealed is not None


async def test_the_form_asks_for_the_code_and_takes_it(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    phone, _ = await enrolled(client, guest)
    asked = await client.post(LOGIN, data=guest.login(next="/runs"))
    assert asked.headers["location"] == "/login?error=totp_required&next=%2Fruns"
    assert "set-cookie" not in asked.headers
    entered = await client.post(LOGIN, data=guest.login(totp=phone.now(), next="/runs"))
    assert entered.headers["location"] == "/runs"
    assert (await client.get(ME)).json()["user"]["email"] == guest.email


async def test_codes_cannot_be_guessed_by_who_has_the_password(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    _, codes = await enrolled(client, guest)
    wrong = guest.login(totp="000000")
    tries = [await client.post(TOKEN, json=wrong) for _ in range(10)]
    assert {one.status_code for one in tries} == {401}
    limited = await client.post(TOKEN, json=guest.login(totp=codes[0]))
    assert limited.status_code == 429


async def test_the_app_is_begun_and_removed_with_the_password_alone(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    await enrolled(client, guest)
    headers = await guest.cookie()
    for path in (TOTP, f"{TOTP}/disable"):
        refused = await client.post(path, json={"password": "wrong"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
    twice = await client.post(TOTP, json={"password": PASSWORD}, headers=headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "totp_enabled")
    body = {"password": PASSWORD}
    removed = await client.post(f"{TOTP}/disable", json=body, headers=headers)
    assert removed.status_code == 204
    client.cookies.clear()
    assert (await client.get(ME, headers=headers)).status_code == 401
    state = await client.get(TOTP, headers=cookie_of(removed))
    assert state.json() == {"enabled": False, "recoveryCodesLeft": 0}
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200
    assert len(await guest.audited("user.totp_disabled")) == 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "000000"])
async def test_a_code_that_is_none_confirms_nothing(
    client: httpx.AsyncClient, guest: Guest, code: str
) -> None:
    headers = await guest.bearer()
    early = await client.post(f"{TOTP}/confirm", json={"code": code}, headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "totp_not_begun")
    await client.post(TOTP, json={"password": PASSWORD}, headers=headers)
    answer = await client.post(f"{TOTP}/confirm", json={"code": code}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_code")
    assert (await client.post(TOKEN, json=guest.login())).status_code == 200
