import asyncio
import secrets
from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.connectors.credentials import create_connection
from backend.core.db import Database
from backend.core.ids import UserId
from backend.core.settings import Settings
from tenancy.audit import AuditAction
from tenancy.members import add_member, add_user, member_count
from tenancy.organizations import OrganizationNotFoundError, set_tier
from tenancy.permissions import Role
from tenancy.quotas import QuotaExceededError, use_of
from tenancy.session import tenant
from tenancy.tiers import ALLOWANCES, Quota, Tier
from tests.fixtures.people import Office, open_office


@pytest.fixture
async def small(database: Database, settings: Settings, accounts: Mapping[str, UserId]) -> Office:
    """An organization of the free tier; its five people are all that it may have."""
    return await open_office(database, settings, accounts, Tier.FREE)


async def somebody(database: Database) -> UserId:
    email = f"{secrets.token_hex(6)}@guests.example"
    return await add_user(database, email=email, name="A Guest", password="a guest's password")


async def join(office: Office, user_id: UserId) -> None:
    async with tenant(office.database, office.context) as session:
        await add_member(session, user_id, Role.VIEWER, None)


async def connect(office: Office) -> None:
    async with tenant(office.database, office.context) as session:
        keys = office.settings.keys
        await create_connection(session, keys, vendor="stripe", name="Stripe", secret=b"sk")


async def test_a_member_more_than_the_tier_allows_is_refused_with_the_numbers(
    small: Office,
) -> None:
    with pytest.raises(QuotaExceededError) as refused:
        await join(small, await somebody(small.database))
    assert refused.value.status == 409
    assert refused.value.extra == {"quota": "users", "used": 5, "allowed": 5, "tier": "free"}
    assert "ask for a higher tier" in refused.value.message


async def test_of_two_at_the_same_time_one_takes_the_last_place(small: Office) -> None:
    for _ in range(4):
        await connect(small)
    outcomes = await asyncio.gather(*(connect(small) for _ in range(4)), return_exceptions=True)
    refused = [one for one in outcomes if one is not None]
    assert len(refused) == 3
    assert all(isinstance(one, QuotaExceededError) for one in refused)


async def test_a_higher_tier_has_room_at_once_and_a_lower_one_keeps_what_is_there(
    small: Office,
) -> None:
    await set_tier(small.database, small.slug, Tier.ENTERPRISE)
    await join(small, await somebody(small.database))
    await set_tier(small.database, small.slug, Tier.FREE)
    with pytest.raises(QuotaExceededError) as refused:
        await join(small, await somebody(small.database))
    assert refused.value.extra["used"] == 6
    async with tenant(small.database, small.context) as session:
        assert await member_count(session) == 6
        acts = await session.execute(
            text("SELECT channel, details FROM audit_event WHERE action = :act ORDER BY at"),
            {"act": AuditAction.ORGANIZATION_TIER_CHANGED},
        )
        assert acts.all() == [
            ("cli", {"from": "free", "to": "enterprise"}),
            ("cli", {"from": "enterprise", "to": "free"}),
        ]


async def test_an_organization_cannot_put_itself_on_another_tier(small: Office) -> None:
    with pytest.raises(ProgrammingError, match="cannot change its own tier"):
        async with tenant(small.database, small.context) as session:
            await session.execute(text("UPDATE organization SET tier = 'enterprise'"))


async def test_tier_of_an_unknown_organization_is_refused(database: Database) -> None:
    with pytest.raises(OrganizationNotFoundError, match="nobody"):
        await set_tier(database, "nobody-at-all", Tier.FREE)


@pytest.mark.parametrize(
    ("used", "warning"),
    [(0, None), (79_999, None), (80_000, 80), (90_000, 90), (99_999, 90), (100_000, 100)],
)
def test_warning_is_the_highest_that_is_reached(used: int, warning: int | None) -> None:
    assert use_of(Tier.FREE, Quota.CALLS, used).warning == warning


def test_what_has_no_end_never_warns() -> None:
    assert use_of(Tier.ENTERPRISE, Quota.USERS, 1_000_000).warning is None


def test_table_is_that_of_the_offer() -> None:
    """Requests a second, an hour, a day, at once; calls, connections, GB, people, connectors."""
    table = {
        tier: [
            *(one.rates.per_second, one.rates.per_hour, one.rates.per_day, one.rates.burst),
            *(one.calls, one.quotas[Quota.CONNECTIONS], one.quotas[Quota.DATA]),
            *(one.quotas[Quota.USERS], one.quotas[Quota.CONNECTORS]),
        ]
        for tier, one in ALLOWANCES.items()
    }
    gb = 10**9
    assert table == {
        "free": [10, 1_000, 10_000, 20, 100_000, 5, 1 * gb, 5, 10],
        "professional": [100, 50_000, 500_000, 200, 5_000_000, 25, 10 * gb, 25, 50],
        "enterprise": [
            *(1_000, 1_000_000, 10_000_000, 2_000, 100_000_000, 100, 100 * gb, None, None)
        ],
    }
