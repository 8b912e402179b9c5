"""Passwords that are guessed, from one place and from many, and what the guesser learns or blocks."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from backend.app import behind_proxies, create_app
from backend.core.settings import load
from tenancy.devices import Client
from tenancy.passwords import verify_login
from tenancy.sessions import open_session
from tests.fixtures.client import running
from tests.fixtures.guest import LOGIN, TOKEN, Guest

HOME = "203.0.113.7"
GUESSES = 10_000
_AT_ONCE = 100


@pytest.fixture
async def internet(environ: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The API behind a proxy that it trusts, so that each request may come from an address of its own."""
    settings = load({**environ, "COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.0/8"})
    application = create_app(settings)
    transport = httpx.ASGITransport(behind_proxies(application, settings))  # type: ignore[arg-type]
    async with (
        running(application),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client,
    ):
        yield client


def at(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def live_at_home(guest: Guest) -> None:
    """The owner has been signed in at their usual address."""
    database, org_id = guest.office.database, guest.office.org_id
    client = Client("Firefox", HOME)
    await open_session(
        database, guest.user_id, org_id, replaces=None, request_id=None, client=client
    )


async def guesses(internet: httpx.AsyncClient, email: str, number: int) -> Counter[int]:
    """The statuses of so many wrong passwords, sent by a hundred addresses in turn."""
    found = Counter[int]()
    for first in range(0, number, _AT_ONCE):
        sent = (
            internet.post(
                TOKEN,
                json={"email": email, "password": f"guess {n}"},
                headers=at(f"198.51.100.{n % _AT_ONCE}"),
            )
            for n in range(first, min(first + _AT_ONCE, number))
        )
        found.update([answer.status_code for answer in await asyncio.gather(*sent)])
    return found


@pytest.mark.long
async def test_ten_thousand_wrong_passwords_from_everywhere_are_stopped(
    internet: httpx.AsyncClient, guest: Guest
) -> None:
    found = await guesses(internet, guest.email, GUESSES)
    assert found == {401: 60, 429: GUESSES - 60}
    refusals = await guest.audited("user.login_refused")
    assert len(refusals) == 60
    assert {one.details["reason"] for one in refusals} == {"login_failed"}


@pytest.mark.long
async def test_the_owner_gets_in_at_home_while_others_guess(
    internet: httpx.AsyncClient, guest: Guest
) -> None:
    await live_at_home(guest)
    found = await guesses(internet, guest.email, 200)
    assert found[429] == 140
    entered = await internet.post(TOKEN, json=guest.login(), headers=at(HOME))
    assert entered.status_code == 200
    form = await internet.post(LOGIN, data=guest.login(), headers=at(HOME))
    assert form.headers["location"] == "/proposals"


@pytest.mark.long
async def test_the_owner_gets_in_at_a_new_place_by_their_mailbox_while_others_guess(
    internet: httpx.AsyncClient, guest: Guest
) -> None:
    await guesses(internet, guest.email, 100)
    away, new = at("192.0.2.44"), "a different horse, another battery"
    assert (await internet.post(TOKEN, json=guest.login(), headers=away)).status_code == 429
    asked = await internet.post(
        "/api/v1/auth/password-reset", json={"email": guest.email}, headers=away
    )
    assert asked.status_code == 202
    token = (await guest.mails())[-1].partition("token=")[2].split()[0]
    body = {"token": token, "new": new}
    confirmed = await internet.post("/api/v1/auth/password-reset/confirm", json=body, headers=away)
    assert confirmed.status_code == 204
    entered = await internet.post(TOKEN, json=guest.login(new), headers=away)
    assert entered.status_code == 200


@pytest.mark.long
async def test_guessing_at_an_unknown_account_looks_the_same(
    internet: httpx.AsyncClient, guest: Guest
) -> None:
    assert await guesses(internet, f"no-{guest.email}", 80) == {401: 60, 429: 20}


async def test_one_address_cannot_try_every_account(
    internet: httpx.AsyncClient, guest: Guest
) -> None:
    answers = [
        await internet.post(
            TOKEN, json={"email": f"{n}-{guest.email}", "password": "x"}, headers=at("192.0.2.9")
        )
        for n in range(62)
    ]
    assert [one.status_code for one in answers] == [401] * 60 + [429] * 2


async def test_the_time_of_an_answer_does_not_tell_whether_somebody_exists(
    client: httpx.AsyncClient, guest: Guest
) -> None:
    await verify_login(guest.office.database, "warm@up.example", "x")

    async def median(email: str) -> float:
        seconds = []
        for _ in range(9):
            began = time.perf_counter()
            answer = await client.post(TOKEN, json={"email": email, "password": "wrong"})
            seconds.append(time.perf_counter() - began)
            assert answer.status_code == 401
        return statistics.median(seconds)

    known, unknown = await median(guest.email), await median(f"no-{guest.email}")
    assert 0.5 < known / unknown < 2  # without the hash an answer takes a tenth of it
