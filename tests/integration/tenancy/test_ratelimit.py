import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from backend.core.ids import OrgId, UserId, new_uuid
from tenancy.limiter import RateLimiter
from tenancy.ratelimit import (
    LOGIN_ACCOUNT,
    Claim,
    TooManyRequestsError,
    claims_of_member,
)
from tenancy.tiers import ALLOWANCES, Tier
from tests.fixtures.valkey import storage_of, valkey_server

MEMORY = "async+memory://"
FREE = ALLOWANCES[Tier.FREE].rates


@pytest.fixture(params=["process", "valkey"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    shared = request.param == "valkey"
    made = RateLimiter(request.getfixturevalue("valkey") if shared else MEMORY)
    yield made
    await made.close()


def organization(org_id: OrgId | None = None) -> list[Claim]:
    """What the organization of a free tier alone is counted against, without its people."""
    claims = claims_of_member(org_id or OrgId(new_uuid()), UserId(new_uuid()), Tier.FREE)
    return [claim for claim in claims if claim.rule.name != "person"]


async def admitted(limiter: RateLimiter, claims: list[Claim], seconds: float) -> list[float]:
    """When requests of a client that asks much more often than it may were let through."""
    began, found = time.monotonic(), list[float]()
    while (at := time.monotonic() - began) < seconds:
        if (await limiter.hit(claims)).refused is None:
            found.append(at)
        await asyncio.sleep(0.004)
    return found


async def test_a_burst_after_a_rest_and_then_the_rate_and_never_more_than_a_token_bucket(
    limiter: RateLimiter,
) -> None:
    times = await admitted(limiter, organization(), 7)
    assert len([at for at in times if at < 1]) >= FREE.burst  # twice what a second gives
    for index, (at, count) in enumerate(zip(times, range(1, len(times) + 1), strict=True)):
        assert count <= FREE.burst + FREE.per_second * at + 1, (index, at)
    later = [at for at in times if at > 4.5]  # the burst is paid for: evenly at the rate
    assert FREE.per_second * 2.5 * 0.8 <= len(later) <= FREE.per_second * 2.5 * 1.1
    assert max(after - before for before, after in pairwise(later)) < 0.5


async def test_of_many_at_once_exactly_as_many_as_allowed_are_let_through(
    limiter: RateLimiter,
) -> None:
    claims = [Claim(LOGIN_ACCOUNT, ("192.0.2.1", "ada@example.com"))]
    standings = await asyncio.gather(*(limiter.hit(claims) for _ in range(40)))
    assert len([one for one in standings if one.refused is None]) == LOGIN_ACCOUNT.item.amount


async def test_refused_by_the_persons_limit_takes_nothing_from_the_organization(
    limiter: RateLimiter,
) -> None:
    org_id, loud, quiet = OrgId(new_uuid()), UserId(new_uuid()), UserId(new_uuid())
    for _ in range(60):
        standing = await limiter.hit(claims_of_member(org_id, loud, Tier.FREE))
    assert standing.refused is not None
    assert standing.refused.name == "person"
    allowed = await limiter.hit(claims_of_member(org_id, quiet, Tier.FREE))
    whole = next(count for count in allowed.counts if count.name == "organization")
    assert allowed.refused is None
    assert whole.remaining >= FREE.burst - FREE.burst * 4 // 5 - 1


async def test_standing_names_every_limit_and_what_is_left_of_it(limiter: RateLimiter) -> None:
    standing = await limiter.hit(
        claims_of_member(OrgId(new_uuid()), UserId(new_uuid()), Tier.PROFESSIONAL)
    )
    assert {
        count.name: (count.amount, count.window, count.remaining) for count in standing.counts
    } == {
        "person": (160, 2, 159),
        "organization": (200, 2, 199),
        "organization-hour": (50_000, 3_600, 49_999),
        "organization-day": (500_000, 86_400, 499_999),
    }
    assert standing.tightest.name == "person"


async def test_processes_that_share_valkey_hold_one_limit_together(valkey: str) -> None:
    one, other = RateLimiter(valkey), RateLimiter(valkey)
    claims = organization()
    began = time.monotonic()
    hits = [limiter.hit(claims) for _ in range(40) for limiter in (one, other)]
    let_through = [s for s in await asyncio.gather(*hits) if s.refused is None]
    late = max(0.0, time.monotonic() - began - 2) * FREE.per_second  # a machine out of breath
    await one.close()
    await other.close()
    assert FREE.burst <= len(let_through) <= FREE.burst + late + 1


async def test_without_valkey_each_process_goes_on_counting_until_it_is_back(
    tmp_path: Path,
) -> None:
    server = valkey_server(tmp_path / "valkey")
    server.start()
    limiter = RateLimiter(storage_of(server))
    claims = [Claim(LOGIN_ACCOUNT, ("192.0.2.1", "ada@example.com"))]
    for _ in range(LOGIN_ACCOUNT.item.amount):
        await limiter.require_all(claims)
    server.stop()
    for _ in range(LOGIN_ACCOUNT.item.amount):  # it knows nothing of the ten before
        await limiter.require_all(claims)
    with pytest.raises(TooManyRequestsError):
        await limiter.require_all(claims)
    await limiter.close()
