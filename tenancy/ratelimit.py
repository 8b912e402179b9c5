"""Rate limits: which ones a request is counted against, and how its client then stands. ``limiter`` does the counting.

The limits of an organization are *sliding window counters* of the ``limits`` library: two numbers each, however large
the limit. A burst of B at a sustained rate of r a second is the limit "B in B/r seconds". Such a counter never lets
more through than a token bucket that holds B and is refilled with r a second: B at once after a rest, and from then on
r a second, evenly. Where it differs from a bucket: after a whole burst up to B/r seconds may pass before the rate goes
on. An hour and a day are counted in the same way, so that a client that was silent before has all of an hour at once,
and from then on as much as an hour gives, evenly.

The small limits of log-in, addresses and exports are *moving windows*, which remember each request and are exact over
any stretch of time.
"""

import time
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)

from backend.core.errors import RateLimitedError
from backend.core.ids import OrgId, UserId
from tenancy.tiers import ALLOWANCES, Rates, Tier


class RateClass(StrEnum):
    """The classes that routes belong to."""

    API = "api"
    EXPORT = "export"
    LOGIN = "login"
    WEBHOOK = "webhook"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. ``name`` is told to clients and keeps its counters apart; ``exact`` is a moving window."""

    name: str
    item: RateLimitItem
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One request of somebody against a rule."""

    rule: Rule
    identity: tuple[str, ...]


ANONYMOUS = Rule("address", RateLimitItemPerSecond(20), exact=True)
WEBHOOK_ADDRESS = Rule("webhook-address", RateLimitItemPerSecond(100), exact=True)
LOGIN_ADDRESS = Rule("login-address", RateLimitItemPerMinute(60), exact=True)
LOGIN_ACCOUNT = Rule("login-account", RateLimitItemPerMinute(10), exact=True)
EXPORT = Rule("export", RateLimitItemPerMinute(30), exact=True)


def _one(name: str, rates: Rates) -> Rule:
    """Nobody takes the whole rate of an organization alone: a fifth is left to the others."""
    seconds = rates.burst // rates.per_second
    return Rule(name, RateLimitItemPerSecond(rates.burst * 4 // 5, seconds))


def _organization(rates: Rates) -> tuple[Rule, ...]:
    seconds = rates.burst // rates.per_second
    return (
        Rule("organization", RateLimitItemPerSecond(rates.burst, seconds)),
        Rule("organization-hour", RateLimitItemPerHour(rates.per_hour)),
        Rule("organization-day", RateLimitItemPerDay(rates.per_day)),
    )


_PERSON = {tier: _one("person", allowance.rates) for tier, allowance in ALLOWANCES.items()}
_KEY = {tier: _one("key", allowance.rates) for tier, allowance in ALLOWANCES.items()}
_ORGANIZATION = {tier: _organization(allowance.rates) for tier, allowance in ALLOWANCES.items()}


def claims_of_member(
    org_id: OrgId,
    user_id: UserId,
    tier: Tier,
    rate: RateClass = RateClass.API,
    *,
    key_prefix: str | None = None,
) -> list[Claim]:
    """What a request of somebody in an organization counts against, the narrowest first.

    Who is refused by a narrow limit takes nothing from the wider ones, which belong to others too. With the prefix of
    an API key it is a program's request, which takes nothing from the person who made the key.
    """
    organization = (str(org_id),)
    if key_prefix is None:
        alone = Claim(_PERSON[tier], (*organization, str(user_id)))
    else:
        alone = Claim(_KEY[tier], (*organization, key_prefix))
    return [
        *([Claim(EXPORT, alone.identity)] if rate is RateClass.EXPORT else []),
        alone,
        *(Claim(rule, organization) for rule in _ORGANIZATION[tier]),
    ]


@dataclass(frozen=True, slots=True)
class Count:
    """How a client stands with one limit; ``resets_at`` in seconds since the epoch."""

    name: str
    amount: int
    window: int
    remaining: int
    resets_at: float

    @property
    def reset(self) -> int:
        """Whole seconds until there is more."""
        return max(0, ceil(self.resets_at - time.time()))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a client stands after one more request: with every limit, or with the one that refused it."""

    counts: tuple[Count, ...]
    refused: Count | None = None

    @property
    def tightest(self) -> Count:
        """What is used up, or will be first."""
        return self.refused or min(self.counts, key=lambda count: count.remaining / count.amount)

    def headers(self) -> dict[str, str]:
        """Headers of the reply: draft-ietf-httpapi-ratelimit-headers with all limits, the older X- ones of one."""
        one = self.tightest
        policies = (f'"{count.name}";q={count.amount};w={count.window}' for count in self.counts)
        limits = (f'"{count.name}";r={count.remaining};t={count.reset}' for count in self.counts)
        found = {
            "RateLimit-Policy": ", ".join(policies),
            "RateLimit": ", ".join(limits),
            "X-RateLimit-Limit": str(one.amount),
            "X-RateLimit-Remaining": str(one.remaining),
            "X-RateLimit-Reset": str(one.reset),
        }
        return found | ({"Retry-After": str(max(1, one.reset))} if self.refused else {})


class TooManyRequestsError(RateLimitedError):
    """A limit is used up."""

    def __init__(self, standing: Standing, message: str | None = None, **extra: object) -> None:
        self.standing = standing
        one = standing.tightest
        wait = max(1, one.reset)
        told = message or f"too many requests for this {one.name}; come back in {wait} s"
        super().__init__(told, retry_after=wait, limit=one.name, **extra)

    @property
    def headers(self) -> dict[str, str]:
        """Those of the reply, as of now."""
        return self.standing.headers()
