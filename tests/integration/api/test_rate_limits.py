import asyncio
from collections.abc import Mapping

import httpx
import pytest

from backend.app import behind_proxies, create_app
from backend.core.settings import load
from tests.fixtures.people import PASSWORD, Office

TOKEN = "/api/v1/auth/token"


def attempt(email: str) -> dict[str, str]:
    return {"email": email, "password": "wrong"}


_PATIENCE = 10


async def test_every_reply_says_how_the_organization_stands(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await client.get("/api/v1/me", headers=await office.bearer("lead"))
    assert answer.headers["ratelimit-policy"] == '"organization";q=100;w=1'
    assert answer.headers["ratelimit"].startswith('"organization";r=99;t=')
    assert answer.headers["x-ratelimit-limit"] == "100"
    assert answer.headers["x-ratelimit-remaining"] == "99"


async def test_more_than_ten_logins_a_minute_for_one_account_are_refused(
    client: httpx.AsyncClient, office: Office
) -> None:
    one, other = "lead@people.example", "viewer@people.example"
    answers = await asyncio.gather(*(client.post(TOKEN, json=attempt(one)) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 2
    spelt = await client.post(TOKEN, json=attempt(f" {one.upper()}"))
    assert spelt.status_code == 429
    problem = spelt.json()
    assert problem["code"] == "rate_limited"
    assert int(spelt.headers["retry-after"]) > 0
    login = {"email": other, "password": PASSWORD, "organization": office.slug}
    assert (await client.post(TOKEN, json=login)).status_code == 200


async def test_refused_login_is_also_refused_at_the_form(
    client: httpx.AsyncClient, office: Office
) -> None:
    form = {"email": "lead@people.example", "password": PASSWORD, "organization": office.slug}
    await asyncio.gather(*(client.post(TOKEN, json=attempt(form["email"])) for _ in range(10)))
    assert (await client.post("/auth/login", data=form)).status_code == 429


async def test_more_than_sixty_logins_a_minute_from_one_address_are_refused(
    client: httpx.AsyncClient,
) -> None:
    body = {"refreshToken": "nonsense"}
    answers = [await client.post("/api/v1/auth/refresh", json=body) for _ in range(62)]
    assert [answer.status_code for answer in answers] == [401] * 60 + [429] * 2
    assert answers[-1].headers["ratelimit-policy"] == '"login-address";q=60;w=60'


async def test_an_organization_that_is_too_loud_does_not_silence_others(
    client: httpx.AsyncClient, office: Office, stranger: Office
) -> None:
    loud, quiet = await office.bearer("lead"), await stranger.bearer("lead")
    refused: list[httpx.Response] = []
    for _ in range(_PATIENCE):  # a machine that is slow enough never goes over the limit in one go
        sent = (client.get("/api/v1/me", headers=loud) for _ in range(150))
        refused += [one for one in await asyncio.gather(*sent) if one.status_code == 429]
        if refused:
            break
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert (await client.get("/api/v1/me", headers=quiet)).status_code == 200


async def test_health_is_never_limited(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get("/health/live") for _ in range(150)))
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


@pytest.mark.parametrize(
    ("proxies", "limited"), [("", True), ("127.0.0.0/8", False)], ids=["nobody", "the proxy"]
)
async def test_addresses_behind_a_trusted_proxy_are_counted_apart(
    environ: Mapping[str, str], proxies: str, *, limited: bool
) -> None:
    settings = load({**environ, "COUNTERSIGN_TRUSTED_PROXIES": proxies})
    application = create_app(settings)
    transport = httpx.ASGITransport(behind_proxies(application, settings))  # type: ignore[arg-type]
    async with (
        application.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        answers = await asyncio.gather(
            *(
                client.post(
                    TOKEN,
                    json=attempt(f"nobody{i}@people.example"),
                    headers={"X-Forwarded-For": f"198.51.100.{i}"},
                )
                for i in range(62)
            )
        )
    statuses = {answer.status_code for answer in answers}
    assert (429 in statuses) is limited


async def test_a_form_that_comes_too_often_goes_back_to_the_page_with_the_reason(
    client: httpx.AsyncClient,
) -> None:
    form = {"email": "form@people.example", "password": "wrong"}
    accept = {"Accept": "text/html"}
    answers = [await client.post("/auth/login", data=form, headers=accept) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 11
    assert answers[9].headers["location"].startswith("/login?error=invalid")
    assert answers[10].headers["location"] == "/login?error=rate_limited"
    assert "retry-after" in answers[10].headers
