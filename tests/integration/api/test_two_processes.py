"""Two API processes behind one address, one database and one Valkey: what one has done, the other knows at once."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from backend.core.db import Database
from backend.core.ids import UserId
from backend.core.settings import Settings
from tenancy.limiter import RateLimiter
from tenancy.ratelimit import claims_of_member
from tenancy.tiers import Tier
from tests.fixtures.client import ServerProcess
from tests.fixtures.guest import TOKEN, Guest
from tests.fixtures.people import Office, open_office
from tests.fixtures.proposals import Proposer
from tests.fixtures.stream import Heard, listening
from tests.fixtures.valkey import storage_of, valkey_server

ME, REFRESH, KEYS = "/api/v1/me", "/api/v1/auth/refresh", "/api/v1/api-keys"


class InTurn(httpx.AsyncBaseTransport):
    """The one address: each request goes to the next of the processes behind it."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self._next = itertools.cycle(map(httpx.URL, urls))
        self._wire = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        behind = next(self._next)
        request.url = request.url.copy_with(host=behind.host, port=behind.port)
        return await self._wire.handle_async_request(request)

    async def aclose(self) -> None:
        await self._wire.aclose()


@dataclass(frozen=True)
class Pair:
    """The processes' own addresses, and where they count together."""

    urls: tuple[str, str]
    storage: str


@pytest.fixture(scope="module")
def pair(environ: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    valkey = valkey_server(folder / "valkey")
    valkey.start()
    shared = {**environ, "COUNTERSIGN_RATE_LIMIT_STORAGE": storage_of(valkey)}
    one, other = (ServerProcess(shared, folder / name) for name in ("one", "other"))
    with ThreadPoolExecutor() as threads:
        list(threads.map(ServerProcess.start, (one, other)))
    yield Pair((one.url, other.url), storage_of(valkey))
    assert (one.stop(), other.stop()) == (0, 0)
    valkey.stop()


@pytest.fixture
async def one(pair: Pair) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=pair.urls[0], timeout=30) as client:
        yield client


@pytest.fixture
async def other(pair: Pair) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=pair.urls[1], timeout=30) as client:
        yield client


@pytest.fixture
async def small(database: Database, settings: Settings, accounts: Mapping[str, UserId]) -> Office:
    """An organization of the free tier: 1,000 requests an hour, 20 at once."""
    return await open_office(database, settings, accounts, Tier.FREE)


def bearer(tokens: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


async def test_limit_of_the_tier_when_both_are_asked_then_as_many_as_it_says_and_not_twice(
    pair: Pair, small: Office
) -> None:
    hour = [
        claim
        for claim in claims_of_member(small.org_id, small.people["lead"], Tier.FREE)
        if claim.rule.name == "organization-hour"
    ]
    spent, left = RateLimiter(pair.storage), 12
    for _ in range(hour[0].rule.item.amount - left):
        await spent.hit(hour)
    await spent.close()
    people = [await small.bearer(who) for who in ("lead", "viewer", "admin")]
    behind = InTurn(pair.urls)
    async with httpx.AsyncClient(
        transport=behind, base_url="http://127.0.0.1:8080", timeout=30
    ) as client:
        sent = (client.get(ME, headers=people[i % 3]) for i in range(18))
        answers = await asyncio.gather(*sent)
    let_in = [answer for answer in answers if answer.status_code == 200]
    refused = [answer.json() for answer in answers if answer.status_code == 429]
    assert (len(let_in), len(refused)) == (left, 18 - left)
    assert {problem["limit"] for problem in refused} == {"organization-hour"}


async def test_session_or_key_when_ended_at_one_then_the_other_refuses_the_next_request(
    one: httpx.AsyncClient, other: httpx.AsyncClient, guest: Guest
) -> None:
    mine, browser = await guest.bearer(), await guest.cookie()
    body = {"name": "Nightly", "scopes": ["proposals:read:team"]}
    made = (await one.post(KEYS, json=body, headers=mine)).json()
    key = {"Authorization": f"Bearer {made['secret']}"}
    for headers in (browser, key):
        assert (await other.get(ME, headers=headers)).status_code == 200
    sessions = (await other.get(f"{ME}/sessions", headers=mine)).json()["items"]
    session = next(place["id"] for place in sessions if place["kind"] == "browser")
    for path in (f"{ME}/sessions/{session}", f"{KEYS}/{made['apiKey']['id']}"):
        assert (await one.delete(path, headers=mine)).status_code == 204
    for headers in (browser, key):
        assert (await other.get(ME, headers=headers)).status_code == 401


async def test_rights_when_changed_or_taken_at_one_then_the_other_knows_with_the_next_request(
    one: httpx.AsyncClient, other: httpx.AsyncClient, guest: Guest
) -> None:
    mine, admin = await guest.bearer(), await guest.office.bearer("admin")
    member, members = f"/api/v1/members/{guest.user_id}", "/api/v1/members"
    assert (await other.get(members, headers=mine)).status_code == 200
    assert (await one.patch(member, json={"role": "viewer"}, headers=admin)).status_code == 204
    assert (await other.get(members, headers=mine)).status_code == 403
    assert (await one.delete(member, headers=admin)).status_code == 204
    assert (await other.get(ME, headers=mine)).status_code == 401


async def test_refresh_token_when_both_get_it_at_once_then_one_pair_and_its_reuse_ends_the_family(
    one: httpx.AsyncClient, other: httpx.AsyncClient, guest: Guest
) -> None:
    first = (await one.post(TOKEN, json=guest.login())).json()
    spent = {"refreshToken": first["refreshToken"]}
    both = await asyncio.gather(*(client.post(REFRESH, json=spent) for client in (one, other)))
    assert sorted(answer.status_code for answer in both) == [200, 401]
    [second] = [answer.json() for answer in both if answer.status_code == 200]
    assert len(await guest.audited("token.refreshed")) == 1
    # Who comes a moment later has used it again, and not at once: that ends the family already.
    assert (await one.post(REFRESH, json=spent)).status_code == 401
    assert await guest.audited("token.reused")
    for tokens in (first, second):
        assert (await other.get(ME, headers=bearer(tokens))).status_code == 401
    again = await other.post(REFRESH, json={"refreshToken": second["refreshToken"]})
    assert again.status_code == 401


async def test_stream_when_it_goes_on_at_the_other_then_without_a_gap_and_nothing_twice(
    pair: Pair, office: Office, proposer: Proposer
) -> None:
    headers, heard = await office.bearer("lead"), list[Heard]()
    for url in (*pair.urls, *pair.urls):
        since = heard[-1].seq if heard else None
        async with listening(url, headers, since=since) as listener:
            await proposer.run()
            heard += await listener.take(1 if since is None else 3)
        await proposer.run()  # nobody listens
        await proposer.run()
    begun = heard[0].seq or 0
    assert [one.seq for one in heard] == list(range(begun, begun + 10))
    assert len({one.data["run"]["id"] for one in heard}) == 10


async def test_request_when_its_key_comes_to_both_at_once_then_it_is_done_once(
    one: httpx.AsyncClient, other: httpx.AsyncClient, office: Office
) -> None:
    headers = {**await office.bearer("lead"), "Idempotency-Key": "the same for both"}
    path = f"/api/v1/playbooks/{office.playbook.id}/runs"
    both = await asyncio.gather(*(client.post(path, headers=headers) for client in (one, other)))
    assert {answer.status_code for answer in both} == {202}
    assert len({answer.json()["id"] for answer in both}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in both].count("true") == 1
    assert (await other.get("/api/v1/runs", headers=headers)).json()["total"] == 1
