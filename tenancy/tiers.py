"""What an organization may use, by its tier: the one table of rates and quotas."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

GIGABYTE = 1_000_000_000


class Tier(StrEnum):
    """What an organization has taken out."""

    FREE = "free"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


class Quota(StrEnum):
    """What is counted: calls within a calendar month (UTC), data in bytes, the others as they are at a moment."""

    CALLS = "calls"
    CONNECTIONS = "connections"
    DATA = "data"
    USERS = "users"
    CONNECTORS = "connectors"


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests of an organization: sustained, at once after a rest, and over an hour and a day."""

    per_second: int
    per_hour: int
    per_day: int
    burst: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """One line of the table. A quota of ``None`` has no end; calls always have one."""

    rates: Rates
    calls: int
    quotas: Mapping[Quota, int | None]


ALLOWANCES: Mapping[Tier, Allowance] = {
    Tier.FREE: Allowance(
        Rates(per_second=10, per_hour=1_000, per_day=10_000, burst=20),
        calls=100_000,
        quotas={
            Quota.CONNECTIONS: 5,
            Quota.DATA: 1 * GIGABYTE,
            Quota.USERS: 5,
            Quota.CONNECTORS: 10,
        },
    ),
    Tier.PROFESSIONAL: Allowance(
        Rates(per_second=100, per_hour=50_000, per_day=500_000, burst=200),
        calls=5_000_000,
        quotas={
            Quota.CONNECTIONS: 25,
            Quota.DATA: 10 * GIGABYTE,
            Quota.USERS: 25,
            Quota.CONNECTORS: 50,
        },
    ),
    Tier.ENTERPRISE: Allowance(
        Rates(per_second=1_000, per_hour=1_000_000, per_day=10_000_000, burst=2_000),
        calls=100_000_000,
        quotas={
            Quota.CONNECTIONS: 100,
            Quota.DATA: 100 * GIGABYTE,
            Quota.USERS: None,
            Quota.CONNECTORS: None,
        },
    ),
}
