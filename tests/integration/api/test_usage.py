from collections.abc import Mapping

import httpx
import pytest

from backend.core.clock import now
from backend.core.db import Database
from backend.core.ids import UserId
from backend.core.settings import Settings
from tenancy.models.usage import ApiUsage
from tenancy.organizations import set_tier
from tenancy.session import system
from tenancy.tiers import Tier
from tests.fixtures.people import Office, open_office
from tests.fixtures.proposals import Proposer

USAGE = "/api/v1/usage"


@pytest.fixture
async def small(database: Database, settings: Settings, accounts: Mapping[str, UserId]) -> Office:
    return await open_office(database, settings, accounts, Tier.FREE)


async def called(office: Office, calls: int) -> None:
    """So many calls in this month, before this process saw any."""
    async with system(office.database) as session:
        month = now().date().replace(day=1)
        session.add(ApiUsage(org_id=office.org_id, month=month, calls=calls))


async def test_usage_says_what_the_tier_allows_and_what_is_used_of_it(
    client: httpx.AsyncClient, small: Office
) -> None:
    await called(small, 79_999)
    answer = await client.get(USAGE, headers=await small.bearer("analyst"))
    assert answer.status_code == 200
    usage = answer.json()
    assert usage["tier"] == "free"
    assert usage["monthEndsAt"] > now().isoformat()
    assert usage["quotas"] == [
        {"quota": "calls", "used": 80_000, "allowed": 100_000, "warning": 80},
        {"quota": "connections", "used": 0, "allowed": 5, "warning": None},
        {"quota": "data", "used": 0, "allowed": 1_000_000_000, "warning": None},
        {"quota": "users", "used": 5, "allowed": 5, "warning": 100},
        {"quota": "connectors", "used": 0, "allowed": 10, "warning": None},
    ]
    rates = {rate["name"]: (rate["allowed"], rate["remaining"]) for rate in usage["rates"]}
    assert rates == {
        "person": (16, 15),
        "organization": (20, 19),
        "organization-hour": (1_000, 999),
        "organization-day": (10_000, 9_999),
        "organization-month": (100_000, 20_000),
    }


async def test_usage_counts_connections_and_what_is_kept_of_their_records(
    client: httpx.AsyncClient, proposer: Proposer
) -> None:
    await proposer.propose()
    answer = await client.get(USAGE, headers=await proposer.office.bearer("lead"))
    used = {one["quota"]: one["used"] for one in answer.json()["quotas"]}
    assert (used["connections"], used["connectors"]) == (1, 1)
    assert used["data"] > 500


async def test_when_the_months_calls_are_used_up_every_route_says_so_until_the_tier_is_higher(
    client: httpx.AsyncClient, small: Office
) -> None:
    await called(small, 99_999)
    headers = await small.bearer("lead")
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 200
    refused = await client.get("/api/v1/me", headers=headers)
    assert refused.status_code == 429
    problem = refused.json()
    assert problem["code"] == "quota_exceeded"
    assert (problem["quota"], problem["used"], problem["allowed"]) == ("calls", 100_000, 100_000)
    assert "higher tier" in problem["detail"]
    assert int(refused.headers["retry-after"]) > 0
    await set_tier(small.database, small.slug, Tier.PROFESSIONAL)
    # whoever was refused is looked up again after a few seconds, anybody else at once
    admin = await small.bearer("admin")
    assert (await client.get("/api/v1/me", headers=admin)).status_code == 200
