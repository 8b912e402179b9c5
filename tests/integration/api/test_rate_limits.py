import asyncio
from collections.abc import Mapping

import httpx
import pytest
from http_sfv.list import List

from backend.app import behind_proxies, create_app
from backend.core.db import Database
from backend.core.ids import UserId
from backend.core.settings import Settings, load
from tenancy.tiers import Tier
from tests.fixtures.people import PASSWORD, Office, open_office
from tests.waiting import eventually

TOKEN = "/api/v1/auth/token"


def attempt(email: str) -> dict[str, str]:
    return {"email": email, "password": "wrong"}


_PATIENCE = 10


@pytest.fixture
async def small(database: Database, settings: Settings, accounts: Mapping[str, UserId]) -> Office:
    """An organization of the free tier: 20 requests at once, then 10 a second."""
    return await open_office(database, settings, accounts, Tier.FREE)


def limits_of(answer: httpx.Response) -> dict[str, dict[str, int]]:
    """Both fields of the draft as somebody else's parser of structured fields reads them."""
    found: dict[str, dict[str, int]] = {}
    for name in ("RateLimit-Policy", "RateLimit"):
        field = List()
        field.parse(answer.headers[name].encode())
        for item in field:
            found.setdefault(item.value, {}).update(dict(item.params))
    return found


async def flood(
    client: httpx.AsyncClient, headers: Mapping[str, str], count: int = 60
) -> list[httpx.Response]:
    """The same question so often at once that a free tier refuses some of it."""
    sent = (client.get("/api/v1/me", headers=headers) for _ in range(count))
    return await asyncio.gather(*sent)


async def test_every_reply_says_how_the_organization_stands(
    client: httpx.AsyncClient, office: Office
) -> None:
    answer = await client.get("/api/v1/me", headers=await office.bearer("lead"))
    assert answer.status_code == 200
    found = limits_of(answer)
    assert [(name, one["q"], one["w"]) for name, one in found.items()][:4] == [
        ("person", 1_600, 2),
        ("organization", 2_000, 2),
        ("organization-hour", 1_000_000, 3_600),
        ("organization-day", 10_000_000, 86_400),
    ]
    month = found["organization-month"]
    assert (month["q"], month["r"]) == (100_000_000, 99_999_999)
    assert found["person"]["r"] == 1_599
    assert answer.headers["x-ratelimit-limit"] == "1600"
    assert answer.headers["x-ratelimit-remaining"] == "1599"
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "who", "status", "limit"),
    [
        ("GET", "/nowhere", None, 404, "address"),
        ("GET", "/api/v1/nowhere", "lead", 404, "address"),
        ("DELETE", "/api/v1/me", "lead", 405, "address"),
        ("GET", "/api/v1/me", None, 401, "address"),
        ("OPTIONS", "/api/v1/me", None, 401, "address"),
        ("GET", "/schema", None, 200, "address"),
        ("PUT", "/api/v1/budget", "viewer", 403, "organization"),
        ("GET", "/api/v1/runs/0199a000-0000-7000-8000-000000000000", "lead", 404, "organization"),
        ("GET", "/api/v1/runs?limit=none", "lead", 422, "organization"),
        ("POST", TOKEN, None, 422, "login-address"),
        (
            "POST",
            "/webhooks/nobody/0199a000-0000-7000-8000-000000000000",
            None,
            404,
            "webhook-address",
        ),
    ],
)
async def test_every_error_says_it_too(
    client: httpx.AsyncClient,
    office: Office,
    *,
    method: str,
    path: str,
    who: str | None,
    status: int,
    limit: str,
) -> None:
    headers = await office.bearer(who) if who else {}
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert limits_of(answer)[limit].keys() == {"q", "w", "r", "t"}
    assert answer.headers["x-ratelimit-limit"]


async def test_a_refusal_is_a_problem_document_that_says_when_to_come_back(
    client: httpx.AsyncClient, small: Office
) -> None:
    headers = await small.bearer("lead")
    answers = await flood(client, headers)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(answers) - len(refused) >= 16  # the burst of one person
    for answer in refused:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["code"], problem["limit"]) == ("rate_limited", "person")
        assert limits_of(answer)["person"]["r"] == 0
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert int(answer.headers["retry-after"]) >= 1

    async def let_in() -> bool:
        return (await client.get("/api/v1/me", headers=headers)).status_code == 200

    assert await eventually(let_in, "room again", seconds=5)


async def test_who_is_refused_does_not_silence_their_colleagues(
    client: httpx.AsyncClient, small: Office
) -> None:
    loud, quiet = await small.bearer("lead"), await small.bearer("viewer")
    answers = await flood(client, loud)
    assert 429 in {answer.status_code for answer in answers}
    assert (await client.get("/api/v1/me", headers=quiet)).status_code == 200


async def test_a_program_that_is_too_loud_silences_neither_its_author_nor_their_other_programs(
    client: httpx.AsyncClient, small: Office
) -> None:
    author = await small.bearer("admin")
    keys = []
    for name in ("Nightly report", "Kiosk"):
        body = {"name": name, "scopes": ["proposals:read:org"]}
        made = await client.post("/api/v1/api-keys", json=body, headers=author)
        keys.append({"Authorization": f"Bearer {made.json()['secret']}"})
    loud, other = keys
    refused = [answer for answer in await flood(client, loud) if answer.status_code == 429]
    assert {answer.json()["limit"] for answer in refused} == {"key"}
    for headers in (author, other):
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_more_than_thirty_exports_a_minute_of_one_person_are_refused(
    client: httpx.AsyncClient, office: Office
) -> None:
    one, other = await office.bearer("lead"), await office.bearer("admin")
    path = "/api/v1/proposals/export"
    answers = [await client.get(path, headers=one) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert limits_of(answers[0])["export"] == {"q": 30, "w": 60, "r": 29, "t": 60}
    assert (await client.get(path, headers=other)).status_code == 200


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
    client: httpx.AsyncClient, small: Office, stranger: Office
) -> None:
    loud, quiet = await small.bearer("lead"), await stranger.bearer("lead")
    refused: list[httpx.Response] = []
    for _ in range(_PATIENCE):  # a machine that is slow enough never goes over the limit in one go
        refused += [one for one in await flood(client, loud) if one.status_code == 429]
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
    form = {"email": "form@people.example", "password": "wrong", "next": "/runs?limit=5&offset=5"}
    accept = {"Accept": "text/html"}
    answers = [await client.post("/auth/login", data=form, headers=accept) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 11
    assert answers[9].headers["location"].startswith("/login?error=login_failed")
    wanted = "next=%2Fruns%3Flimit%3D5%26offset%3D5"
    assert answers[10].headers["location"] == f"/login?error=rate_limited&{wanted}"
    foreign = await client.post(
        "/auth/login", data=form | {"next": "https://elsewhere.example/"}, headers=accept
    )
    assert foreign.headers["location"] == "/login?error=rate_limited&next=%2Fproposals"
    assert "retry-after" in answers[10].headers
